// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice An account that is a contract: its owner's signatures count as its own.
contract OwnedAccount {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError error,) = ECDSA.tryRecover(digest, signature);
        bool good = error == ECDSA.RecoverError.NoError && signer == OWNER;
        return good ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice Deploys such accounts at addresses that are known in advance.
contract AccountFactory {
    function make(address owner, uint256 salt) external returns (address) {
        return address(new OwnedAccount{ salt: bytes32(salt) }(owner));
    }

    function at(address owner, uint256 salt) external view returns (address) {
        bytes32 code = keccak256(bytes.concat(type(OwnedAccount).creationCode, abi.encode(owner)));
        bytes32 whole = keccak256(abi.encodePacked(bytes1(0xff), address(this), bytes32(salt), code));
        return address(uint160(uint256(whole)));
    }
}

/// @notice An account that never returns.
contract LoopingAccount {
    fallback() external {
        while (true) { }
    }
}
