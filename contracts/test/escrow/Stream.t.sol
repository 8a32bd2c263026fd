// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";

contract Activate_Test is EscrowFixture {
    function test_givenFunded_theClockStarts() external {
        bytes32 id = givenFunded();
        pass(60);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Activated(id, RATE, uint64(START + 60));
        vm.prank(settler);
        escrow.activate(id, RATE);

        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        vm.assertEq(uint256(entry.status), uint256(IAkashEscrow.Status.Active));
        vm.assertEq(entry.rate, RATE);
        vm.assertEq(entry.activatedAt, START + 60);
        vm.assertEq(entry.lastSignOfLife, START + 60);
        vm.assertEq(entry.checkpoint, START + 60);
        vm.assertEq(entry.accruedScaled, 0);
    }

    function test_givenFunded_whenTheRateIsLower_itCounts() external {
        bytes32 id = givenFunded();
        vm.prank(settler);
        escrow.activate(id, 1e12);
        pass(7);
        vm.assertEq(escrow.accrued(id), 7);
    }

    function test_whenTheRateIsAboveTheMaximum_itReverts() external {
        bytes32 id = givenFunded();
        vm.expectRevert(
            abi.encodeWithSelector(IAkashEscrow.AkashEscrow_RateOutOfRange.selector, RATE + 1, RATE)
        );
        vm.prank(settler);
        escrow.activate(id, RATE + 1);
    }

    function test_whenTheRateIsZero_itReverts() external {
        bytes32 id = givenFunded();
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_RateOutOfRange.selector, 0, RATE));
        vm.prank(settler);
        escrow.activate(id, 0);
    }

    function test_inTheLastSecond_itWorks() external {
        bytes32 id = givenFunded();
        vm.warp(START + 1 hours);
        vm.prank(settler);
        escrow.activate(id, RATE);
        assertStatus(id, IAkashEscrow.Status.Active);
    }

    function test_aSecondLater_itReverts() external {
        bytes32 id = givenFunded();
        vm.warp(START + 1 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_TooLate.selector, START + 1 hours));
        vm.prank(settler);
        escrow.activate(id, RATE);
    }

    function test_whenPaused_itReverts() external {
        bytes32 id = givenFunded();
        givenPaused();
        expectPaused();
        vm.prank(settler);
        escrow.activate(id, RATE);
    }

    function test_whenTheCallerIsNotTheOperator_itReverts() external {
        bytes32 id = givenFunded();
        bytes32 role = escrow.SETTLER_ROLE();
        expectMissingRole(buyer, role);
        vm.prank(buyer);
        escrow.activate(id, RATE);
    }

    function test_givenNone_itReverts() external {
        expectWrongStatus(bytes32(0), IAkashEscrow.Status.None);
        vm.prank(settler);
        escrow.activate(bytes32(0), RATE);
    }

    function test_givenActive_itReverts() external {
        bytes32 id = givenActive();
        expectWrongStatus(id, IAkashEscrow.Status.Active);
        vm.prank(settler);
        escrow.activate(id, RATE);
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenClosed();
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(settler);
        escrow.activate(id, RATE);
    }

    function test_givenACompletion_itReverts() external {
        bytes32 id = givenCompletion();
        expectWrongMode(id, IAkashEscrow.Mode.Completion);
        vm.prank(settler);
        escrow.activate(id, RATE);
    }
}

contract Heartbeat_Test is EscrowFixture {
    function test_givenActive_itCountsUpToNow() external {
        bytes32 id = givenActive();
        pass(100);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Heartbeat(id, uint256(RATE) * 100, uint64(START + 100));
        beat(id);
        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        vm.assertEq(entry.accruedScaled, uint256(RATE) * 100);
        vm.assertEq(entry.checkpoint, START + 100);
        vm.assertEq(entry.lastSignOfLife, START + 100);
    }

    function test_inTheLastSecondOfTheWindow_itWorks() external {
        bytes32 id = givenActive();
        pass(WINDOW);
        beat(id);
        vm.assertEq(escrow.accrued(id), uint256(RATE) * WINDOW / SCALE);
    }

    function test_pastTheWindow_itReverts() external {
        bytes32 id = givenActive();
        pass(WINDOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_Silent.selector, id, START + WINDOW));
        vm.prank(settler);
        escrow.heartbeat(id);
    }

    function test_withoutIt_accrualStopsAtTheWindow() external {
        bytes32 id = givenActive();
        pass(100);
        beat(id);
        pass(10 * WINDOW);
        vm.assertEq(escrow.accrued(id), uint256(RATE) * (100 + WINDOW) / SCALE);
    }

    function test_whenDepleted_itCountsNoMoreThanTheDeposit() external {
        bytes32 id = givenActive();
        uint256 end = escrow.runsOutAt(id);
        while (nowAt() + WINDOW < end) {
            pass(WINDOW);
            beat(id);
        }
        vm.warp(end - 1);
        vm.assertLt(escrow.accrued(id), DEPOSIT);
        vm.warp(end);
        vm.assertEq(escrow.accrued(id), DEPOSIT);
        vm.assertEq(escrow.refundable(id), 0);
        beat(id);
        pass(WINDOW);
        beat(id);
        vm.assertEq(escrow.escrow(id).accruedScaled, uint256(DEPOSIT) * SCALE);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenActive();
        givenPaused();
        pass(1);
        beat(id);
    }

    function test_whenTheCallerIsNotTheOperator_itReverts() external {
        bytes32 id = givenActive();
        bytes32 role = escrow.SETTLER_ROLE();
        expectMissingRole(stranger, role);
        vm.prank(stranger);
        escrow.heartbeat(id);
    }

    function test_givenFunded_itReverts() external {
        bytes32 id = givenFunded();
        expectWrongStatus(id, IAkashEscrow.Status.Funded);
        vm.prank(settler);
        escrow.heartbeat(id);
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenClosed();
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(settler);
        escrow.heartbeat(id);
    }
}

contract TopUp_Test is EscrowFixture {
    function topUp(bytes32 id, uint128 amount) private {
        uint128 deposited = escrow.escrow(id).deposited;
        approve(buyer, amount);
        vm.prank(buyer);
        escrow.topUp(id, amount, deposited);
    }

    function test_givenActive_itLastsLonger() external {
        bytes32 id = givenActive();
        uint256 before = escrow.runsOutAt(id);
        pass(50);
        approve(buyer, 5e6);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.ToppedUp(id, buyer, 5e6);
        vm.prank(buyer);
        escrow.topUp(id, 5e6, DEPOSIT);
        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        vm.assertEq(entry.deposited, DEPOSIT + 5e6);
        vm.assertEq(entry.accruedScaled, uint256(RATE) * 50);
        vm.assertEq(entry.checkpoint, START + 50);
        vm.assertEq(entry.lastSignOfLife, START, "a buyer's top-up is no sign of the operator's life");
        vm.assertEq(entry.rate, RATE);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT + 5e6);
        vm.assertGe(escrow.runsOutAt(id), before + 35_999);
    }

    function test_givenFunded_itAddsToTheDeposit() external {
        bytes32 id = givenFunded();
        topUp(id, 1);
        vm.assertEq(escrow.refundable(id), DEPOSIT + 1);
        vm.prank(buyer);
        escrow.cancel(id);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6);
    }

    function test_afterDepletion_theGapIsNeverBilled() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.deposit = 100;
        terms.maxRate = 1e12;
        bytes32 id = givenFunded(terms);
        vm.prank(settler);
        escrow.activate(id, 1e12);
        pass(150);
        topUp(id, 1000);
        vm.assertEq(escrow.accrued(id), 100, "fifty seconds without money stay unpaid");
        pass(10);
        vm.assertEq(escrow.accrued(id), 110);
    }

    function test_whenTheOperatorIsSilent_itReverts() external {
        bytes32 id = givenActive();
        pass(WINDOW + 1);
        approve(buyer, 1);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_Silent.selector, id, START + WINDOW));
        vm.prank(buyer);
        escrow.topUp(id, 1, DEPOSIT);
    }

    function test_inTheLastSecondBeforeActivateBy_itWorks() external {
        bytes32 id = givenFunded();
        vm.warp(START + 1 hours);
        topUp(id, 1);
    }

    function test_whenItCanNoLongerBeActivated_itReverts() external {
        bytes32 id = givenFunded();
        vm.warp(START + 1 hours + 1);
        approve(buyer, 1);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_TooLate.selector, START + 1 hours));
        vm.prank(buyer);
        escrow.topUp(id, 1, DEPOSIT);
    }

    function test_whenTheAmountIsZero_itReverts() external {
        bytes32 id = givenActive();
        vm.expectRevert(IKeptBalance.AkashEscrow_ZeroAmount.selector);
        vm.prank(buyer);
        escrow.topUp(id, 0, DEPOSIT);
    }

    function test_whenTheSumIsTooLarge_itReverts() external {
        bytes32 id = givenActive();
        vm.expectRevert(IAkashEscrow.AkashEscrow_DepositTooLarge.selector);
        vm.prank(buyer);
        escrow.topUp(id, type(uint128).max, DEPOSIT);
    }

    function test_whenTheSumIsTheLargest_itWorks() external {
        bytes32 id = givenActive();
        uint128 rest = type(uint128).max - DEPOSIT;
        give(buyer, rest);
        topUp(id, rest);
        vm.assertEq(escrow.balanceOf(id), type(uint128).max);
        vm.assertEq(escrow.runsOutAt(id), type(uint64).max, "later than a timestamp can say");
    }

    function test_whenTheCallerIsNotTheBuyer_itReverts() external {
        bytes32 id = givenActive();
        expectNotBuyer(stranger);
        vm.prank(stranger);
        escrow.topUp(id, 1, DEPOSIT);
    }

    function test_whenPaused_itReverts() external {
        bytes32 id = givenActive();
        givenPaused();
        expectPaused();
        vm.prank(buyer);
        escrow.topUp(id, 1, DEPOSIT);
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenClosed();
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(buyer);
        escrow.topUp(id, 1, DEPOSIT);
    }

    function test_givenACompletion_itReverts() external {
        bytes32 id = givenCompletion();
        expectWrongMode(id, IAkashEscrow.Mode.Completion);
        vm.prank(buyer);
        escrow.topUp(id, 1, DEPOSIT);
    }

    function test_theSameOneAgain_itReverts() external {
        bytes32 id = givenActive();
        approve(buyer, 10e6);
        vm.startPrank(buyer);
        escrow.topUp(id, 5e6, DEPOSIT);
        vm.expectRevert(
            abi.encodeWithSelector(IAkashEscrow.AkashEscrow_DepositChanged.selector, id, DEPOSIT + 5e6)
        );
        escrow.topUp(id, 5e6, DEPOSIT);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT + 5e6);
        escrow.topUp(id, 5e6, DEPOSIT + 5e6);
        vm.stopPrank();
        vm.assertEq(escrow.balanceOf(id), DEPOSIT + 10e6);
    }
}

contract TopUpWithAuthorization_Test is EscrowFixture {
    function signed(uint256 key, bytes32 id, uint128 amount, uint128 deposited)
        private
        view
        returns (bytes memory)
    {
        bytes32 nonce = escrow.topUpNonce(id, amount, deposited);
        return authorization(key, address(escrow), amount, 0, START + 1 days, nonce);
    }

    function add(bytes32 id, uint128 amount, uint128 deposited, bytes memory signature) private {
        escrow.topUpWithAuthorization(id, amount, deposited, 0, START + 1 days, signature);
    }

    function test_whoeverSubmitsIt_theBuyerPaysOnce() external {
        bytes32 id = givenActive();
        uint256 before = usdc.balanceOf(buyer);
        bytes memory signature = signed(BUYER_KEY, id, 5e6, DEPOSIT);
        pass(50);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.ToppedUp(id, buyer, 5e6);
        vm.prank(stranger);
        add(id, 5e6, DEPOSIT, signature);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT + 5e6);
        vm.assertEq(usdc.balanceOf(buyer), before - 5e6);
        vm.assertEq(escrow.escrow(id).accruedScaled, uint256(RATE) * 50);

        vm.expectRevert(
            abi.encodeWithSelector(IAkashEscrow.AkashEscrow_DepositChanged.selector, id, DEPOSIT + 5e6)
        );
        vm.prank(settler);
        add(id, 5e6, DEPOSIT, signature);
        vm.assertEq(usdc.balanceOf(buyer), before - 5e6);
    }

    function test_whenTheBuyersOwnCameFirst_itReverts() external {
        bytes32 id = givenActive();
        bytes memory signature = signed(BUYER_KEY, id, 5e6, DEPOSIT);
        approve(buyer, 5e6);
        vm.prank(buyer);
        escrow.topUp(id, 5e6, DEPOSIT);
        vm.expectRevert(
            abi.encodeWithSelector(IAkashEscrow.AkashEscrow_DepositChanged.selector, id, DEPOSIT + 5e6)
        );
        add(id, 5e6, DEPOSIT, signature);
    }

    function test_alteredInAnyPart_itReverts() external {
        bytes32 id = givenActive();
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.salt = "another";
        bytes32 other = givenFunded(terms);
        bytes memory signature = signed(BUYER_KEY, id, 5e6, DEPOSIT);
        uint256 before = usdc.balanceOf(buyer);
        refused(
            abi.encodeCall(escrow.topUpWithAuthorization, (other, 5e6, DEPOSIT, 0, START + 1 days, signature))
        );
        refused(
            abi.encodeCall(
                escrow.topUpWithAuthorization, (id, 5e6 + 1, DEPOSIT, 0, START + 1 days, signature)
            )
        );
        refused(
            abi.encodeCall(
                escrow.topUpWithAuthorization, (id, 5e6, DEPOSIT - 1, 0, START + 1 days, signature)
            )
        );
        refused(
            abi.encodeCall(escrow.topUpWithAuthorization, (id, 5e6, DEPOSIT, 1, START + 1 days, signature))
        );
        refused(
            abi.encodeCall(escrow.topUpWithAuthorization, (id, 5e6, DEPOSIT, 0, START + 2 days, signature))
        );
        vm.assertEq(usdc.balanceOf(buyer), before);
        add(id, 5e6, DEPOSIT, signature);
    }

    function test_whenSomebodyElseSigned_itReverts() external {
        bytes32 id = givenActive();
        bytes memory signature = signed(PAYEE_KEY, id, 5e6, DEPOSIT);
        refused(
            abi.encodeCall(escrow.topUpWithAuthorization, (id, 5e6, DEPOSIT, 0, START + 1 days, signature))
        );
    }

    /// @dev Authorizations are not interchangeable: what was signed to keep, or to fund, tops nothing up.
    function test_whenSignedForAnotherPurpose_itReverts() external {
        bytes32 id = givenActive();
        bytes memory kept =
            authorization(BUYER_KEY, address(escrow), 5e6, 0, START + 1 days, escrow.keepNonce(buyer, id));
        refused(abi.encodeCall(escrow.topUpWithAuthorization, (id, 5e6, DEPOSIT, 0, START + 1 days, kept)));
        bytes memory funds = authorization(BUYER_KEY, address(escrow), 5e6, 0, START + 1 days, id);
        refused(abi.encodeCall(escrow.topUpWithAuthorization, (id, 5e6, DEPOSIT, 0, START + 1 days, funds)));
    }

    function test_afterItsTime_itReverts() external {
        bytes32 id = givenFunded();
        bytes32 nonce = escrow.topUpNonce(id, 1, DEPOSIT);
        bytes memory signature = authorization(BUYER_KEY, address(escrow), 1, 0, START + 60, nonce);
        vm.warp(START + 60);
        refused(abi.encodeCall(escrow.topUpWithAuthorization, (id, 1, DEPOSIT, 0, START + 60, signature)));
        vm.warp(START + 59);
        escrow.topUpWithAuthorization(id, 1, DEPOSIT, 0, START + 60, signature);
    }

    function test_whenTheSignatureIsOfAnotherLength_itReverts() external {
        bytes32 id = givenActive();
        vm.expectRevert(abi.encodeWithSelector(IKeptBalance.AkashEscrow_SignatureLength.selector, 64));
        add(id, 1, DEPOSIT, new bytes(64));
    }

    function test_whenTheAmountIsZero_itReverts() external {
        bytes32 id = givenActive();
        bytes memory signature = signed(BUYER_KEY, id, 0, DEPOSIT);
        vm.expectRevert(IKeptBalance.AkashEscrow_ZeroAmount.selector);
        add(id, 0, DEPOSIT, signature);
    }

    function test_whenPausedOrOver_itReverts() external {
        bytes32 id = givenActive();
        bytes memory signature = signed(BUYER_KEY, id, 1, DEPOSIT);
        givenPaused();
        expectPaused();
        add(id, 1, DEPOSIT, signature);

        bytes32 closed = givenClosedAfterPause(id);
        expectWrongStatus(closed, IAkashEscrow.Status.Closed);
        add(closed, 1, DEPOSIT, signature);
    }

    function test_givenACompletion_itReverts() external {
        bytes32 id = givenCompletion();
        expectWrongMode(id, IAkashEscrow.Mode.Completion);
        add(id, 1, DEPOSIT, new bytes(65));
    }

    function testFuzz_nothingButWhatWasSignedIsTaken(uint128 amount, uint128 asked, uint128 deposited)
        external
    {
        bytes32 id = givenActive();
        amount = amount % 100e6 + 1;
        give(buyer, amount);
        bytes memory signature = signed(BUYER_KEY, id, amount, DEPOSIT);
        uint256 before = usdc.balanceOf(buyer);
        if (asked != amount || deposited != DEPOSIT) {
            refused(
                abi.encodeCall(
                    escrow.topUpWithAuthorization, (id, asked, deposited, 0, START + 1 days, signature)
                )
            );
        }
        vm.assertEq(usdc.balanceOf(buyer), before);
        add(id, amount, DEPOSIT, signature);
        vm.assertEq(usdc.balanceOf(buyer), before - amount);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT + amount);
    }

    function refused(bytes memory call) private {
        (bool worked,) = address(escrow).call(call);
        vm.assertTrue(!worked, "it must not work");
    }

    function givenClosedAfterPause(bytes32 id) private returns (bytes32) {
        vm.prank(pauser);
        escrow.unpause();
        vm.prank(buyer);
        escrow.close(id);
        return id;
    }
}

contract Cancel_Test is EscrowFixture {
    function test_givenFunded_everythingGoesBack() external {
        bytes32 id = givenFunded();
        expectClosed(id, IAkashEscrow.Reason.Cancelled, 0, uint64(START));
        vm.prank(buyer);
        escrow.cancel(id);
        assertSettled(id, 0);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6);
    }

    function test_afterActivateBy_itStillWorks() external {
        bytes32 id = givenFunded();
        vm.warp(START + 2 hours);
        vm.prank(buyer);
        escrow.cancel(id);
        assertSettled(id, 0);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenFunded();
        givenPaused();
        vm.prank(buyer);
        escrow.cancel(id);
        assertSettled(id, 0);
    }

    function test_whenTheCallerIsNotTheBuyer_itReverts() external {
        bytes32 id = givenFunded();
        expectNotBuyer(settler);
        vm.prank(settler);
        escrow.cancel(id);
    }

    function test_givenActive_itReverts() external {
        bytes32 id = givenActive();
        expectWrongStatus(id, IAkashEscrow.Status.Active);
        vm.prank(buyer);
        escrow.cancel(id);
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenClosed();
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(buyer);
        escrow.cancel(id);
    }

    function test_givenACompletion_itReverts() external {
        bytes32 id = givenCompletion();
        expectWrongMode(id, IAkashEscrow.Mode.Completion);
        vm.prank(buyer);
        escrow.cancel(id);
    }
}

contract Close_Test is EscrowFixture {
    function test_givenActive_thePayeeGetsWhatAccruedAndTheBuyerTheRest() external {
        bytes32 id = givenActive();
        pass(360);
        uint128 owed = uint128(uint256(RATE) * 360 / SCALE);
        vm.assertEq(escrow.accrued(id), owed);
        vm.assertEq(escrow.refundable(id), DEPOSIT - owed);
        expectClosed(id, IAkashEscrow.Reason.ClosedByBuyer, owed, uint64(START + 360));
        vm.prank(buyer);
        escrow.close(id);
        assertSettled(id, owed);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6 - owed);
        vm.assertEq(escrow.escrow(id).endedAt, START + 360);
    }

    function test_inTheSecondOfActivation_nothingIsOwed() external {
        bytes32 id = givenActive();
        vm.prank(buyer);
        escrow.close(id);
        assertSettled(id, 0);
    }

    function test_whenTheOperatorIsSilent_itEndsWithTheWindow() external {
        bytes32 id = givenActive();
        pass(5 * WINDOW);
        uint128 owed = uint128(uint256(RATE) * WINDOW / SCALE);
        expectClosed(id, IAkashEscrow.Reason.ClosedByBuyer, owed, uint64(START + WINDOW));
        vm.prank(buyer);
        escrow.close(id);
        assertSettled(id, owed);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenActive();
        givenPaused();
        vm.prank(buyer);
        escrow.close(id);
        assertSettled(id, 0);
    }

    function test_whenTheTokenRefusesTheBuyer_theRestBecomesACredit() external {
        bytes32 id = givenActive();
        usdc.deny(buyer, true);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Credited(buyer, DEPOSIT);
        vm.prank(buyer);
        escrow.close(id);
        assertStatus(id, IAkashEscrow.Status.Closed);
        vm.assertEq(escrow.credit(buyer), DEPOSIT);

        usdc.deny(buyer, false);
        escrow.withdraw(buyer);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6);
    }

    function test_whenTheTokenRefusesThePayee_theBuyerIsNotHeldUp() external {
        bytes32 id = givenActive();
        pass(360);
        usdc.deny(payee, true);
        vm.prank(buyer);
        escrow.close(id);
        assertStatus(id, IAkashEscrow.Status.Closed);
    }

    function test_whenTheCallerIsNotTheBuyer_itReverts() external {
        bytes32 id = givenActive();
        expectNotBuyer(payee);
        vm.prank(payee);
        escrow.close(id);
    }

    function test_givenFunded_itReverts() external {
        bytes32 id = givenFunded();
        expectWrongStatus(id, IAkashEscrow.Status.Funded);
        vm.prank(buyer);
        escrow.close(id);
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenClosed();
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(buyer);
        escrow.close(id);
    }

    function test_givenACompletion_itReverts() external {
        bytes32 id = givenCompletion();
        expectWrongMode(id, IAkashEscrow.Mode.Completion);
        vm.prank(buyer);
        escrow.close(id);
    }
}

contract End_Test is EscrowFixture {
    function end(bytes32 id, uint256 at) private {
        vm.prank(settler);
        escrow.end(id, uint64(at));
    }

    function test_givenActive_whenTheLeaseEndsNow_accruedIsOwed() external {
        bytes32 id = givenActive();
        pass(360);
        uint128 owed = uint128(uint256(RATE) * 360 / SCALE);
        expectClosed(id, IAkashEscrow.Reason.EndedByOperator, owed, uint64(START + 360));
        end(id, START + 360);
        assertSettled(id, owed);
    }

    function test_givenActive_whenTheLeaseEndedEarlier_onlyThatTimeIsOwed() external {
        bytes32 id = givenActive();
        pass(300);
        beat(id);
        pass(60);
        uint128 owed = uint128(uint256(RATE) * 100 / SCALE);
        expectClosed(id, IAkashEscrow.Reason.EndedByOperator, owed, uint64(START + 100));
        end(id, START + 100);
        assertSettled(id, owed);
    }

    function test_givenActive_atTheMomentOfActivation_nothingIsOwed() external {
        bytes32 id = givenActive();
        pass(300);
        expectClosed(id, IAkashEscrow.Reason.EndedByOperator, 0, uint64(START));
        end(id, START);
        assertSettled(id, 0);
    }

    function test_givenActive_whenTheEndLiesBeforeActivation_nothingIsOwed() external {
        bytes32 id = givenActive();
        pass(300);
        expectClosed(id, IAkashEscrow.Reason.EndedByOperator, 0, uint64(START));
        end(id, START - 1000);
        assertSettled(id, 0);
    }

    function test_givenActive_whenTheOperatorWasSilent_theGapIsNotOwed() external {
        bytes32 id = givenActive();
        pass(3 * WINDOW);
        end(id, START + 3 * WINDOW);
        assertSettled(id, uint128(uint256(RATE) * WINDOW / SCALE));
    }

    function test_givenFunded_everythingGoesBack() external {
        bytes32 id = givenFunded();
        pass(10);
        expectClosed(id, IAkashEscrow.Reason.EndedByOperator, 0, uint64(START + 10));
        end(id, 0);
        assertSettled(id, 0);
    }

    function test_whenTheEndLiesAhead_itReverts() external {
        bytes32 id = givenActive();
        vm.expectRevert(
            abi.encodeWithSelector(IAkashEscrow.AkashEscrow_EndInFuture.selector, uint64(START + 1))
        );
        vm.prank(settler);
        escrow.end(id, uint64(START + 1));
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenActive();
        givenPaused();
        end(id, START);
        assertSettled(id, 0);
    }

    function test_whenTheCallerIsNotTheOperator_itReverts() external {
        bytes32 id = givenActive();
        bytes32 role = escrow.SETTLER_ROLE();
        expectMissingRole(payee, role);
        vm.prank(payee);
        escrow.end(id, uint64(START));
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenClosed();
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(settler);
        escrow.end(id, uint64(START));
    }

    function test_givenACompletion_itReverts() external {
        bytes32 id = givenCompletion();
        expectWrongMode(id, IAkashEscrow.Mode.Completion);
        vm.prank(settler);
        escrow.end(id, uint64(START));
    }
}

contract Reclaim_Test is EscrowFixture {
    function expectTooEarly(uint256 notBefore) private {
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_TooEarly.selector, notBefore));
    }

    function test_givenFunded_whenNotActivatedInTime_everythingGoesBack() external {
        bytes32 id = givenFunded();
        vm.warp(START + 1 hours + 1);
        expectClosed(id, IAkashEscrow.Reason.NotActivated, 0, uint64(START + 1 hours + 1));
        vm.prank(stranger);
        escrow.reclaim(id);
        assertSettled(id, 0);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6);
    }

    function test_givenFunded_inTheLastSecondOfActivateBy_itReverts() external {
        bytes32 id = givenFunded();
        vm.warp(START + 1 hours);
        expectTooEarly(START + 1 hours);
        escrow.reclaim(id);
    }

    function test_givenActive_whenTheOperatorIsSilent_itSplits() external {
        bytes32 id = givenActive();
        pass(100);
        beat(id);
        pass(WINDOW + 1);
        uint128 owed = uint128(uint256(RATE) * (100 + WINDOW) / SCALE);
        expectClosed(id, IAkashEscrow.Reason.Silent, owed, uint64(START + 100 + WINDOW));
        vm.prank(stranger);
        escrow.reclaim(id);
        assertSettled(id, owed);
    }

    function test_givenActive_inTheLastSecondOfTheWindow_itReverts() external {
        bytes32 id = givenActive();
        pass(WINDOW);
        expectTooEarly(START + WINDOW);
        escrow.reclaim(id);
    }

    function test_givenACompletion_afterTheTimeout_everythingGoesBack() external {
        bytes32 id = givenCompletion();
        vm.warp(START + 1 days + 1);
        expectClosed(id, IAkashEscrow.Reason.TimedOut, 0, uint64(START + 1 days + 1));
        escrow.reclaim(id);
        assertSettled(id, 0);
    }

    function test_givenACompletion_inTheSecondOfTheTimeout_itReverts() external {
        bytes32 id = givenCompletion();
        vm.warp(START + 1 days);
        expectTooEarly(START + 1 days);
        escrow.reclaim(id);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenActive();
        givenPaused();
        pass(WINDOW + 1);
        escrow.reclaim(id);
        assertStatus(id, IAkashEscrow.Status.Closed);
    }

    function test_givenNone_itReverts() external {
        expectWrongStatus(bytes32(uint256(7)), IAkashEscrow.Status.None);
        escrow.reclaim(bytes32(uint256(7)));
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenClosed();
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        escrow.reclaim(id);
    }
}
