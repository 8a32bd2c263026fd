// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Whether an account that is a contract has signed
/// @notice Never deployed: whoever wants to know makes a call (`eth_call`) of its creation code, and what it would
/// leave as code is the answer, one byte: 1 for a signature of the account's, 0 otherwise. The account is asked by
/// ERC-1271. One that is not there yet is made first, by the factory that its signature names (ERC-6492); nothing of
/// that remains, because a call changes nothing.
contract SignatureVerdict {
    /// @dev The last 32 bytes of a signature that names a factory.
    bytes32 private constant NAMES_A_FACTORY =
        0x6492649264926492649264926492649264926492649264926492649264926492;

    /// @param account Who is said to have signed.
    /// @param digest What was signed.
    /// @param signature The signature, with its factory where it names one.
    constructor(address account, bytes32 digest, bytes memory signature) {
        bool signed = _signed(account, digest, signature);
        assembly ("memory-safe") {
            mstore8(0, signed)
            return(0, 1)
        }
    }

    function _signed(address account, bytes32 digest, bytes memory signature) private returns (bool) {
        uint256 length = signature.length;
        bytes32 end;
        assembly ("memory-safe") {
            // For a shorter signature this reads something else of the memory; its length is looked at below.
            end := mload(add(signature, length))
        }
        if (length < 32 || end != NAMES_A_FACTORY) {
            return SignatureChecker.isValidERC1271SignatureNow(account, digest, signature);
        }
        assembly ("memory-safe") {
            mstore(signature, sub(length, 32))
        }
        (address factory, bytes memory making, bytes memory inner) =
            abi.decode(signature, (address, bytes, bytes));
        if (account.code.length > 0 && SignatureChecker.isValidERC1271SignatureNow(account, digest, inner)) {
            return true;
        }
        (bool made,) = factory.call(making);
        return made && SignatureChecker.isValidERC1271SignatureNow(account, digest, inner);
    }
}
