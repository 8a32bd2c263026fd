// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { Accrual } from "../../src/libraries/Accrual.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";
import { Test } from "../support/Vm.sol";

/// @notice Properties of the arithmetic over the full range of its types.
contract Accrual_Test is Test {
    function testFuzz_billableUntil_isNeverLaterThanEitherEnd(uint64 nowAt, uint64 last, uint64 window)
        external
        pure
    {
        uint256 until = Accrual.billableUntil(nowAt, last, window);
        vm.assertLe(until, nowAt);
        vm.assertLe(until, uint256(last) + window);
        vm.assertTrue(until == nowAt || until == uint256(last) + window);
    }

    function testFuzz_advance_neverShrinksAndNeverExceedsTheDeposits(
        uint128 deposited,
        uint128 rate,
        uint64 checkpoint,
        uint64 until,
        uint256 accrued
    ) external pure {
        uint256 most = uint256(deposited) * Accrual.SCALE;
        accrued = bound(accrued, 0, most);
        uint256 next = Accrual.advance(accrued, rate, checkpoint, until, deposited);
        vm.assertGe(next, accrued);
        vm.assertLe(next, most);
        uint256 time = until > checkpoint ? until - checkpoint : 0;
        vm.assertLe(next - accrued, uint256(rate) * time);
        if (next < most) vm.assertEq(next, accrued + uint256(rate) * time);
    }

    function testFuzz_advance_inTwoStepsIsAdvanceInOne(
        uint128 deposited,
        uint128 rate,
        uint64 start,
        uint64 middle,
        uint64 end
    ) external pure {
        middle = uint64(bound(middle, start, type(uint64).max));
        end = uint64(bound(end, middle, type(uint64).max));
        uint256 first = Accrual.advance(0, rate, start, middle, deposited);
        uint256 second = Accrual.advance(first, rate, middle, end, deposited);
        vm.assertEq(second, Accrual.advance(0, rate, start, end, deposited));
    }

    function testFuzz_owedAt_isNeverMoreThanEitherBound(uint168 accrued, uint128 rate, uint64 from, uint64 to)
        external
        pure
    {
        uint256 owed = Accrual.owedAt(accrued, rate, from, to);
        uint256 time = to > from ? to - from : 0;
        vm.assertLe(owed, accrued);
        vm.assertLe(owed, uint256(rate) * time);
        vm.assertTrue(owed == accrued || owed == uint256(rate) * time);
    }

    function testFuzz_theFeeIsRoundedDownAndNeverMoreThanTheAmount(uint128 amount, uint16 bps) external pure {
        bps = uint16(bound(bps, 0, 10_000));
        uint256 fee = Accrual.feeOf(amount, bps);
        vm.assertLe(fee, amount);
        vm.assertLe(fee * 10_000, uint256(amount) * bps);
        vm.assertGt((fee + 1) * 10_000, uint256(amount) * bps);
    }

    function testFuzz_runsOutAt_isTheFirstSecondWithoutMoney(
        uint128 deposited,
        uint128 rate,
        uint64 checkpoint,
        uint256 accrued
    ) external pure {
        rate = uint128(bound(rate, 1, type(uint128).max));
        uint256 most = uint256(deposited) * Accrual.SCALE;
        accrued = bound(accrued, 0, most);
        uint256 at = Accrual.runsOutAt(accrued, rate, checkpoint, deposited);
        vm.assertEq(Accrual.advance(accrued, rate, checkpoint, at, deposited), most);
        if (at > checkpoint) {
            vm.assertLt(Accrual.advance(accrued, rate, checkpoint, at - 1, deposited), most);
        }
    }

    function testFuzz_lasts_isWhetherTheDepositIsNotUsedUpBefore(uint128 deposit, uint128 rate, uint64 time)
        external
        pure
    {
        rate = uint128(bound(rate, 1, type(uint128).max));
        bool lasts = Accrual.lasts(deposit, rate, time);
        vm.assertEq(lasts, uint256(rate) * time <= uint256(deposit) * Accrual.SCALE);
        if (time == 0) vm.assertTrue(lasts);
    }
}

/// @notice The same for whole escrows: whatever the sequence, everything that goes in comes out, once.
contract Settlement_FuzzTest is EscrowFixture {
    struct Order {
        uint128 deposit;
        uint128 rate;
        uint64 window;
        uint16 fee;
        uint64 run;
        uint64 end;
        uint8 way;
    }

    function testFuzz_everyStreamGivesOutWhatCameIn(Order memory order) external {
        order.deposit = uint128(bound(order.deposit, 1, type(uint128).max));
        order.rate = uint128(bound(order.rate, 1, type(uint128).max));
        order.window = uint64(bound(order.window, 1, type(uint64).max));
        order.run = uint64(bound(order.run, 0, 10 * 365 days));
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.buyer = address(0xb1);
        terms.deposit = order.deposit;
        terms.maxRate = order.rate;
        terms.heartbeatWindow = order.window;
        terms.feeBps = uint16(bound(order.fee, 0, escrow.MAX_FEE_BPS()));
        give(terms.buyer, terms.deposit);
        bytes32 id = givenFunded(terms);
        vm.prank(settler);
        escrow.activate(id, order.rate);
        pass(order.run);

        uint256 billable = order.run < order.window ? order.run : order.window;
        uint256 scaled = uint256(order.rate) * billable;
        if (scaled > uint256(order.deposit) * SCALE) scaled = uint256(order.deposit) * SCALE;
        if (order.way % 3 == 0) {
            vm.prank(terms.buyer);
            escrow.close(id);
        } else if (order.way % 3 == 1 || order.run <= order.window) {
            uint256 end = bound(order.end, 0, order.run);
            uint256 most = uint256(order.rate) * end;
            if (scaled > most) scaled = most;
            vm.prank(settler);
            escrow.end(id, uint64(START + end));
        } else {
            escrow.reclaim(id);
        }
        uint128 owed = uint128(scaled / SCALE);
        uint256 fee = uint256(owed) * terms.feeBps / 10_000;
        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        vm.assertEq(entry.released, owed, "released");
        vm.assertEq(entry.refunded, order.deposit - owed, "refunded");
        vm.assertEq(escrow.credit(payee), owed - fee, "the payee's");
        vm.assertEq(escrow.credit(feeRecipient), fee, "the fee");
        vm.assertEq(usdc.balanceOf(terms.buyer), order.deposit - owed, "the buyer's");
    }

    function testFuzz_everySplitGivesOutWhatCameIn(uint128 deposit, uint128 toPayee, uint16 fee) external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.buyer = address(0xb1);
        terms.deposit = uint128(bound(deposit, 1, type(uint128).max));
        terms.feeBps = uint16(bound(fee, 0, escrow.MAX_FEE_BPS()));
        toPayee = uint128(bound(toPayee, 0, terms.deposit));
        give(terms.buyer, terms.deposit);
        bytes32 id = givenFunded(terms);
        vm.prank(arbiter);
        escrow.arbitrate(id, toPayee);
        uint256 feeDue = uint256(toPayee) * terms.feeBps / 10_000;
        vm.assertEq(escrow.credit(payee), toPayee - feeDue);
        vm.assertEq(escrow.credit(feeRecipient), feeDue);
        vm.assertEq(usdc.balanceOf(terms.buyer), terms.deposit - toPayee);
    }
}
