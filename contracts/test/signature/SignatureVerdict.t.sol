// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { SignatureVerdict } from "../../src/SignatureVerdict.sol";
import { AccountFactory, LoopingAccount } from "../support/Accounts.sol";
import { Test } from "../support/Vm.sol";

contract SignatureVerdict_Test is Test {
    bytes32 private constant SUFFIX = 0x6492649264926492649264926492649264926492649264926492649264926492;
    uint256 private constant KEY = 0xa11ce;
    bytes32 private constant DIGEST = keccak256("what was signed");

    AccountFactory private factory;
    address private owner;

    function setUp() external {
        factory = new AccountFactory();
        owner = vm.addr(KEY);
    }

    /// @dev What a call of the creation code would return.
    function verdict(address account, bytes32 digest, bytes memory signature) private returns (bool) {
        bytes memory code =
            bytes.concat(type(SignatureVerdict).creationCode, abi.encode(account, digest, signature));
        address made;
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        bytes memory answer = made.code;
        vm.assertEq(answer.length, 1, "one byte");
        return answer[0] == 0x01;
    }

    function signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function wrapped(address by, bytes memory making, bytes memory inner)
        private
        pure
        returns (bytes memory)
    {
        return bytes.concat(abi.encode(by, making, inner), SUFFIX);
    }

    function theCall() private view returns (bytes memory) {
        return abi.encodeCall(AccountFactory.make, (owner, 7));
    }

    function test_givenAnAccount_whatItsOwnerSignedCounts() external {
        address account = factory.make(owner, 7);
        vm.assertTrue(verdict(account, DIGEST, signed(KEY, DIGEST)));
        vm.assertFalse(verdict(account, DIGEST, signed(KEY + 1, DIGEST)), "another's");
        vm.assertFalse(verdict(account, keccak256("other"), signed(KEY, DIGEST)), "of something else");
        vm.assertFalse(verdict(account, DIGEST, ""), "nothing");
    }

    function test_givenNoAccountYet_itIsMadeByTheFactoryThatTheSignatureNames() external {
        address account = factory.at(owner, 7);
        bytes memory good = wrapped(address(factory), theCall(), signed(KEY, DIGEST));
        uint256 before = vm.snapshotState();
        vm.assertTrue(verdict(account, DIGEST, good));
        vm.revertToState(before);
        vm.assertEq(account.code.length, 0);
        vm.assertFalse(verdict(account, keccak256("other"), good));
        vm.revertToState(before);
        bytes memory others = wrapped(address(factory), theCall(), signed(KEY + 1, DIGEST));
        vm.assertFalse(verdict(account, DIGEST, others));
        vm.revertToState(before);
        // A factory that makes another account, none, or fails.
        bytes memory other = abi.encodeCall(AccountFactory.make, (owner, 8));
        vm.assertFalse(verdict(account, DIGEST, wrapped(address(factory), other, signed(KEY, DIGEST))));
        vm.assertFalse(verdict(account, DIGEST, wrapped(address(0xdead), theCall(), signed(KEY, DIGEST))));
        vm.assertFalse(verdict(account, DIGEST, wrapped(address(factory), "", signed(KEY, DIGEST))));
    }

    function test_givenAnAccountThatIsThereMeanwhile_aSignatureWithItsFactoryCountsStill() external {
        address account = factory.make(owner, 7);
        bytes memory good = wrapped(address(factory), theCall(), signed(KEY, DIGEST));
        vm.assertTrue(verdict(account, DIGEST, good));
    }

    function test_givenAPlainAccountOrNone_nothingCounts() external {
        vm.assertFalse(verdict(owner, DIGEST, signed(KEY, DIGEST)));
        vm.assertFalse(verdict(address(0), DIGEST, signed(KEY, DIGEST)));
    }

    function test_givenAnAccountThatNeverEnds_theAnswerIsNo() external {
        LoopingAccount account = new LoopingAccount();
        bytes memory code = bytes.concat(
            type(SignatureVerdict).creationCode, abi.encode(account, DIGEST, signed(KEY, DIGEST))
        );
        Maker maker = new Maker();
        vm.assertFalse(maker.verdict{ gas: 3_000_000 }(code));
    }

    function testFuzz_whatIsNoSignature_isNone(bytes calldata noise) external {
        address account = factory.make(owner, 7);
        // The last byte keeps it from ending like one that names a factory.
        vm.assertFalse(verdict(account, DIGEST, bytes.concat(noise, hex"00")));
    }

    /// @dev What ends like a signature that names a factory, and names none, has no answer: callers take that for a
    /// no.
    function testFuzz_whatNamesNoFactory_leavesNothing(bytes32 noise) external {
        address account = factory.make(owner, 7);
        Maker maker = new Maker();
        bytes memory signature = bytes.concat(noise, SUFFIX);
        bytes memory code =
            bytes.concat(type(SignatureVerdict).creationCode, abi.encode(account, DIGEST, signature));
        vm.assertFalse(maker.verdict(code));
    }
}

/// @dev Deploys the code that it is given, with the available gas.
contract Maker {
    function verdict(bytes memory code) external returns (bool) {
        address made;
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        return made.code.length == 1 && made.code[0] == 0x01;
    }
}
