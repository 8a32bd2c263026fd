// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";

contract Confirm_Test is EscrowFixture {
    function test_givenFunded_thePayeeGetsEverything() external {
        bytes32 id = givenCompletion();
        expectClosed(id, IAkashEscrow.Reason.Confirmed, DEPOSIT, uint64(START));
        vm.prank(buyer);
        escrow.confirm(id);
        assertSettled(id, DEPOSIT);
    }

    function test_afterTheTimeout_theBuyerMayStillConfirm() external {
        bytes32 id = givenCompletion();
        vm.warp(START + 2 days);
        vm.prank(buyer);
        escrow.confirm(id);
        assertSettled(id, DEPOSIT);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenCompletion();
        givenPaused();
        vm.prank(buyer);
        escrow.confirm(id);
        assertSettled(id, DEPOSIT);
    }

    function test_whenTheCallerIsNotTheBuyer_itReverts() external {
        bytes32 id = givenCompletion();
        expectNotBuyer(payee);
        vm.prank(payee);
        escrow.confirm(id);
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenCompletion();
        vm.prank(buyer);
        escrow.confirm(id);
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(buyer);
        escrow.confirm(id);
    }

    function test_givenAStream_itReverts() external {
        bytes32 id = givenFunded();
        expectWrongMode(id, IAkashEscrow.Mode.Stream);
        vm.prank(buyer);
        escrow.confirm(id);
    }

    function test_givenNone_itReverts() external {
        expectWrongStatus(bytes32(uint256(1)), IAkashEscrow.Status.None);
        vm.prank(buyer);
        escrow.confirm(bytes32(uint256(1)));
    }
}

contract SettleByAgreement_Test is EscrowFixture {
    function test_whenTheBuyerCallsWithThePayeesSignature_itSplits() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        expectClosed(id, IAkashEscrow.Reason.Agreed, 4e6, uint64(START));
        vm.prank(buyer);
        escrow.settleByAgreement(id, 4e6, START, signature);
        assertSettled(id, 4e6);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6 - 4e6);
    }

    function test_whenThePayeeCallsWithTheBuyersSignature_itSplits() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(BUYER_KEY, id, DEPOSIT, START);
        vm.prank(payee);
        escrow.settleByAgreement(id, DEPOSIT, START, signature);
        assertSettled(id, DEPOSIT);
    }

    function test_whenNothingGoesToThePayee_everythingGoesBack() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, 0, START);
        vm.prank(buyer);
        escrow.settleByAgreement(id, 0, START, signature);
        assertSettled(id, 0);
    }

    function test_whenTheSignatureIsTheCallersOwn_itReverts() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        vm.expectRevert(IAkashEscrow.AkashEscrow_InvalidSignature.selector);
        vm.prank(payee);
        escrow.settleByAgreement(id, 4e6, START, signature);
    }

    function testFuzz_whenTheAmountIsAltered_itReverts(uint128 amount) external {
        bytes32 id = givenCompletion();
        vm.assume(amount != 4e6);
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        vm.expectRevert(IAkashEscrow.AkashEscrow_InvalidSignature.selector);
        vm.prank(buyer);
        escrow.settleByAgreement(id, amount, START, signature);
    }

    function test_whenTheAgreementIsForAnotherEscrow_itReverts() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, bytes32(uint256(id) ^ 1), 4e6, START);
        vm.expectRevert(IAkashEscrow.AkashEscrow_InvalidSignature.selector);
        vm.prank(buyer);
        escrow.settleByAgreement(id, 4e6, START, signature);
    }

    function test_whenTheDeadlineHasPassed_itReverts() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        pass(1);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_AgreementExpired.selector, START));
        vm.prank(buyer);
        escrow.settleByAgreement(id, 4e6, START, signature);
    }

    function test_whenMoreIsGivenThanIsHeld_itReverts() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, DEPOSIT + 1, START);
        vm.expectRevert(
            abi.encodeWithSelector(IAkashEscrow.AkashEscrow_SplitTooLarge.selector, DEPOSIT + 1, DEPOSIT)
        );
        vm.prank(buyer);
        escrow.settleByAgreement(id, DEPOSIT + 1, START, signature);
    }

    function test_whenAStrangerCalls_itReverts() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_NotParty.selector, stranger));
        vm.prank(stranger);
        escrow.settleByAgreement(id, 4e6, START, signature);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        givenPaused();
        vm.prank(buyer);
        escrow.settleByAgreement(id, 4e6, START, signature);
        assertSettled(id, 4e6);
    }

    function test_givenAStream_itReverts() external {
        bytes32 id = givenActive();
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        expectWrongMode(id, IAkashEscrow.Mode.Stream);
        vm.prank(buyer);
        escrow.settleByAgreement(id, 4e6, START, signature);
    }

    function test_givenClosed_itReverts() external {
        bytes32 id = givenCompletion();
        bytes memory signature = agreement(PAYEE_KEY, id, 4e6, START);
        vm.prank(buyer);
        escrow.confirm(id);
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(buyer);
        escrow.settleByAgreement(id, 4e6, START, signature);
    }
}

contract Arbitrate_Test is EscrowFixture {
    function test_givenFunded_itSplits() external {
        bytes32 id = givenCompletion();
        expectClosed(id, IAkashEscrow.Reason.Arbitrated, 7e6, uint64(START));
        vm.prank(arbiter);
        escrow.arbitrate(id, 7e6);
        assertSettled(id, 7e6);
    }

    function test_inTheSecondOfTheTimeout_itWorks() external {
        bytes32 id = givenCompletion();
        vm.warp(START + 1 days);
        vm.prank(arbiter);
        escrow.arbitrate(id, DEPOSIT);
        assertSettled(id, DEPOSIT);
    }

    function test_afterTheTimeout_itReverts() external {
        bytes32 id = givenCompletion();
        vm.warp(START + 1 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_TooLate.selector, START + 1 days));
        vm.prank(arbiter);
        escrow.arbitrate(id, 1);
    }

    function test_whenMoreIsGivenThanIsHeld_itReverts() external {
        bytes32 id = givenCompletion();
        vm.expectRevert(
            abi.encodeWithSelector(IAkashEscrow.AkashEscrow_SplitTooLarge.selector, DEPOSIT + 1, DEPOSIT)
        );
        vm.prank(arbiter);
        escrow.arbitrate(id, DEPOSIT + 1);
    }

    function test_whenTheCallerIsNotTheArbiter_itReverts() external {
        bytes32 id = givenCompletion();
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_NotArbiter.selector, settler));
        vm.prank(settler);
        escrow.arbitrate(id, 1);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenCompletion();
        givenPaused();
        vm.prank(arbiter);
        escrow.arbitrate(id, 0);
        assertSettled(id, 0);
    }

    function test_givenAStream_itReverts() external {
        bytes32 id = givenFunded();
        expectWrongMode(id, IAkashEscrow.Mode.Stream);
        vm.prank(arbiter);
        escrow.arbitrate(id, 0);
    }
}
