// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";

/// @notice The lives in `vectors/escrow.json`, run on the contract. `crates/domain` runs the same.
contract Vectors_Test is EscrowFixture {
    function test_everyLifeIsAsWritten() external {
        string memory json = vm.readFile("test/vectors/escrow.json");
        uint256 lives = vm.parseJsonUint(json, ".lives");
        uint256[] memory numbers = vm.parseJsonUintArray(json, ".numbers");
        vm.assertGe(lives, 1_000);
        uint256 at;
        for (uint256 i = 0; i < lives; ++i) {
            at = live(numbers, at, i);
        }
        vm.assertEq(at, numbers.length, "every number was used");
    }

    function live(uint256[] memory numbers, uint256 at, uint256 salt) private returns (uint256) {
        uint256 steps = numbers[at];
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.deposit = uint128(numbers[at + 1]);
        terms.maxRate = uint128(numbers[at + 2]);
        terms.heartbeatWindow = uint64(numbers[at + 3]);
        terms.feeBps = uint16(numbers[at + 4]);
        terms.salt = bytes32(salt);
        // A buyer for each: one wallet cannot hold all of the largest deposits.
        terms.buyer = address(uint160(0xb0000 + salt));
        uint256 state = vm.snapshotState();
        vm.warp(START);
        give(terms.buyer, terms.deposit);
        bytes32 id = givenFunded(terms);
        pass(numbers[at + 5]);
        uint256 activatedAt = nowAt();
        vm.prank(settler);
        escrow.activate(id, terms.maxRate);
        at += 6;
        for (uint256 i = 0; i < steps; ++i) {
            step(numbers, at, id, terms.buyer, activatedAt);
            at += 13;
        }
        vm.assertTrue(vm.revertToState(state));
        return at;
    }

    function step(uint256[] memory numbers, uint256 at, bytes32 id, address who, uint256 activatedAt)
        private
    {
        pass(numbers[at + 1]);
        bool worked = act(numbers[at], numbers[at + 2], id, who, activatedAt);
        vm.assertEq(worked, numbers[at + 3] == 1);
        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        vm.assertEq(entry.accruedScaled, numbers[at + 4], "stored accrual");
        vm.assertEq(entry.checkpoint - activatedAt, numbers[at + 5], "checkpoint");
        vm.assertEq(escrow.accrued(id), numbers[at + 6], "accrued");
        vm.assertEq(escrow.refundable(id), numbers[at + 7], "refundable");
        bool closed = entry.status == IAkashEscrow.Status.Closed;
        bool late = numbers[at + 8] == type(uint64).max;
        uint256 runsOutAt = closed ? 0 : late ? type(uint64).max : activatedAt + numbers[at + 8];
        vm.assertEq(escrow.runsOutAt(id), runsOutAt, "runs out at");
        vm.assertEq(entry.released, numbers[at + 9], "released");
        vm.assertEq(entry.refunded, numbers[at + 11], "refunded");
        if (!closed) return;
        vm.assertEq(escrow.credit(feeRecipient), numbers[at + 10], "fee");
        vm.assertEq(escrow.credit(payee), numbers[at + 9] - numbers[at + 10], "the payee's");
        vm.assertEq(entry.endedAt - activatedAt, numbers[at + 12], "ended at");
    }

    function act(uint256 kind, uint256 amount, bytes32 id, address who, uint256 activatedAt)
        private
        returns (bool worked)
    {
        bytes memory call;
        address caller = who;
        if (kind == 0) (caller, call) = (settler, abi.encodeCall(escrow.heartbeat, (id)));
        if (kind == 1) {
            give(who, amount);
            approve(who, amount);
            call = abi.encodeCall(escrow.topUp, (id, uint128(amount), escrow.escrow(id).deposited));
        }
        if (kind == 2) return true;
        if (kind == 3) call = abi.encodeCall(escrow.close, (id));
        if (kind == 4) {
            (caller, call) = (settler, abi.encodeCall(escrow.end, (id, uint64(activatedAt + amount))));
        }
        if (kind == 5) (caller, call) = (stranger, abi.encodeCall(escrow.reclaim, (id)));
        vm.prank(caller);
        (worked,) = address(escrow).call(call);
    }
}
