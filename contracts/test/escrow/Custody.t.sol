// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { AkashEscrow } from "../../src/AkashEscrow.sol";
import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";
import { FalseReturningToken, FeeOnTransferToken, LyingToken, ReentrantToken } from "../support/Tokens.sol";

contract Constructor_Test is EscrowFixture {
    function test_itGrantsEachRoleToItsHolder() external view {
        vm.assertEq(address(escrow.token()), address(usdc));
        vm.assertEq(escrow.feeRecipient(), feeRecipient);
        vm.assertEq(escrow.defaultAdmin(), admin);
        vm.assertEq(escrow.defaultAdminDelay(), 1 days);
        vm.assertTrue(escrow.hasRole(escrow.SETTLER_ROLE(), settler));
        vm.assertTrue(escrow.hasRole(escrow.PAUSER_ROLE(), pauser));
        vm.assertFalse(escrow.hasRole(escrow.SETTLER_ROLE(), admin));
        vm.assertFalse(escrow.hasRole(escrow.PAUSER_ROLE(), admin));
        vm.assertFalse(escrow.paused());
    }

    function refused(address token_, address settler_, address pauser_, address feeRecipient_) private {
        vm.expectRevert(IAkashEscrow.AkashEscrow_ZeroAddress.selector);
        new AkashEscrow(IERC20(token_), admin, settler_, pauser_, feeRecipient_, 0);
    }

    function test_whenAnAddressIsMissing_itReverts() external {
        refused(address(0), settler, pauser, feeRecipient);
        refused(address(usdc), address(0), pauser, feeRecipient);
        refused(address(usdc), settler, address(0), feeRecipient);
        refused(address(usdc), settler, pauser, address(0));
    }

    function test_whenThereIsNoAdmin_itReverts() external {
        vm.expectRevert(abi.encodeWithSignature("AccessControlInvalidDefaultAdmin(address)", address(0)));
        new AkashEscrow(usdc, address(0), settler, pauser, feeRecipient, 0);
    }
}

contract Withdraw_Test is EscrowFixture {
    function test_itPaysTheWholeCredit_whoeverCalls() external {
        bytes32 id = givenActive();
        pass(360);
        vm.prank(buyer);
        escrow.close(id);
        uint256 credit = escrow.credit(payee);
        vm.assertGt(credit, 0);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Withdrawn(payee, credit);
        vm.prank(stranger);
        escrow.withdraw(payee);
        vm.assertEq(usdc.balanceOf(payee), credit);
        vm.assertEq(escrow.credit(payee), 0);

        uint256 fee = escrow.credit(feeRecipient);
        escrow.withdraw(feeRecipient);
        vm.assertEq(usdc.balanceOf(feeRecipient), fee);
        vm.assertEq(usdc.balanceOf(address(escrow)), 0);
    }

    function test_whenThereIsNone_itReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_NoCredit.selector, payee));
        escrow.withdraw(payee);
    }

    function test_twice_itReverts() external {
        bytes32 id = givenCompletion();
        vm.prank(buyer);
        escrow.confirm(id);
        escrow.withdraw(payee);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_NoCredit.selector, payee));
        escrow.withdraw(payee);
    }

    function test_whenTheTokenRefuses_theCreditStays() external {
        bytes32 id = givenCompletion();
        vm.prank(buyer);
        escrow.confirm(id);
        uint256 credit = escrow.credit(payee);
        usdc.deny(payee, true);
        vm.expectRevert(abi.encodeWithSignature("Denied(address)", payee));
        escrow.withdraw(payee);
        vm.assertEq(escrow.credit(payee), credit);
    }

    function test_whenPaused_itWorks() external {
        bytes32 id = givenCompletion();
        vm.prank(buyer);
        escrow.confirm(id);
        givenPaused();
        escrow.withdraw(payee);
        vm.assertGt(usdc.balanceOf(payee), 0);
    }

    function test_creditsOfTwoEscrowsAddUp() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        bytes32 first = givenFunded(terms);
        terms.salt = bytes32(uint256(9));
        bytes32 second = givenFunded(terms);
        vm.prank(buyer);
        escrow.confirm(first);
        vm.prank(buyer);
        escrow.confirm(second);
        escrow.withdraw(payee);
        escrow.withdraw(feeRecipient);
        vm.assertEq(usdc.balanceOf(payee) + usdc.balanceOf(feeRecipient), 2 * DEPOSIT);
    }
}

contract Pause_Test is EscrowFixture {
    function test_onlyThePauserMay() external {
        bytes32 role = escrow.PAUSER_ROLE();
        expectMissingRole(admin, role);
        vm.prank(admin);
        escrow.pause();
        vm.prank(pauser);
        escrow.pause();
        expectMissingRole(settler, role);
        vm.prank(settler);
        escrow.unpause();
        vm.prank(pauser);
        escrow.unpause();
        vm.assertFalse(escrow.paused());
        givenFunded();
    }

    function test_theAdminMayReplaceTheOperator() external {
        bytes32 id = givenActive();
        bytes32 role = escrow.SETTLER_ROLE();
        vm.prank(admin);
        escrow.revokeRole(role, settler);
        expectMissingRole(settler, role);
        vm.prank(settler);
        escrow.heartbeat(id);
        vm.prank(admin);
        escrow.grantRole(role, stranger);
        vm.prank(stranger);
        escrow.heartbeat(id);
    }
}

contract HostileToken_Test is EscrowFixture {
    function escrowOn(address token_) private returns (AkashEscrow) {
        return new AkashEscrow(IERC20(token_), admin, settler, pauser, feeRecipient, 0);
    }

    function approve(address token_, AkashEscrow on) private {
        vm.prank(buyer);
        IERC20(token_).approve(address(on), type(uint256).max);
    }

    function test_feeOnTransfer_fundsNothing() external {
        FeeOnTransferToken bad = new FeeOnTransferToken();
        AkashEscrow on = escrowOn(address(bad));
        bad.give(buyer, DEPOSIT);
        approve(address(bad), on);
        vm.expectRevert(
            abi.encodeWithSelector(
                IKeptBalance.AkashEscrow_DepositMismatch.selector, DEPOSIT, DEPOSIT - DEPOSIT / 100
            )
        );
        vm.prank(buyer);
        on.fund(streamTerms());
    }

    function test_lying_fundsNothing() external {
        LyingToken bad = new LyingToken();
        AkashEscrow on = escrowOn(address(bad));
        bad.give(buyer, 2 * DEPOSIT);
        approve(address(bad), on);
        bad.setLies(true);
        vm.expectRevert(abi.encodeWithSelector(IKeptBalance.AkashEscrow_DepositMismatch.selector, DEPOSIT, 0));
        vm.prank(buyer);
        on.fund(streamTerms());

        vm.expectRevert(abi.encodeWithSelector(IKeptBalance.AkashEscrow_DepositMismatch.selector, 1, 0));
        vm.prank(buyer);
        on.keep(1);

        bad.setLies(false);
        vm.prank(buyer);
        bytes32 id = on.fund(streamTerms());
        bad.setLies(true);
        vm.expectRevert(abi.encodeWithSelector(IKeptBalance.AkashEscrow_DepositMismatch.selector, 5, 0));
        vm.prank(buyer);
        on.topUp(id, 5, DEPOSIT);
    }

    function test_returningFalse_onFunding_itReverts() external {
        FalseReturningToken bad = new FalseReturningToken();
        AkashEscrow on = escrowOn(address(bad));
        bad.give(buyer, DEPOSIT);
        approve(address(bad), on);
        bad.refuse(buyer, true);
        vm.expectRevert(abi.encodeWithSignature("SafeERC20FailedOperation(address)", address(bad)));
        vm.prank(buyer);
        on.fund(streamTerms());
    }

    function test_returningFalse_onRefund_itBecomesACredit() external {
        FalseReturningToken bad = new FalseReturningToken();
        AkashEscrow on = escrowOn(address(bad));
        bad.give(buyer, DEPOSIT);
        approve(address(bad), on);
        vm.prank(buyer);
        bytes32 id = on.fund(streamTerms());
        bad.refuse(buyer, true);
        vm.prank(buyer);
        on.cancel(id);
        vm.assertEq(on.credit(buyer), DEPOSIT);
        vm.assertEq(bad.balanceOf(address(on)), DEPOSIT);
        vm.expectRevert(abi.encodeWithSignature("SafeERC20FailedOperation(address)", address(bad)));
        on.withdraw(buyer);
        bad.refuse(buyer, false);
        on.withdraw(buyer);
        vm.assertEq(bad.balanceOf(buyer), DEPOSIT);
    }

    /// @dev A buyer that is the token itself: its hook runs as the buyer and may call everything that a buyer may.
    function test_reentering_isRefusedEverywhere() external {
        ReentrantToken bad = new ReentrantToken();
        AkashEscrow on = escrowOn(address(bad));
        address attacker = address(bad);
        bad.give(attacker, 10 * DEPOSIT);
        vm.prank(attacker);
        bad.approve(address(on), type(uint256).max);
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.buyer = attacker;
        vm.prank(attacker);
        bytes32 running = on.fund(terms);
        vm.prank(settler);
        on.activate(running, RATE);
        terms.salt = bytes32(uint256(77));
        vm.prank(attacker);
        bytes32 waiting = on.fund(terms);
        IAkashEscrow.Terms memory job = completionTerms();
        job.buyer = attacker;
        vm.prank(attacker);
        bytes32 completion = on.fund(job);
        vm.prank(attacker);
        on.keep(5);
        terms.salt = bytes32(uint256(78));

        bytes[] memory attacks = new bytes[](13);
        attacks[0] = abi.encodeCall(on.close, (running));
        attacks[1] = abi.encodeCall(on.cancel, (waiting));
        attacks[2] = abi.encodeCall(on.confirm, (completion));
        attacks[3] = abi.encodeCall(on.withdrawKept, (5));
        attacks[4] = abi.encodeCall(on.fund, (terms));
        attacks[5] = abi.encodeCall(on.topUp, (waiting, 1, DEPOSIT));
        attacks[6] = abi.encodeCall(on.keep, (1));
        attacks[7] = abi.encodeCall(on.withdraw, (attacker));
        attacks[8] = abi.encodeCall(on.reclaim, (waiting));
        attacks[9] = abi.encodeCall(on.fundWithAuthorization, (terms, 0, 0, new bytes(65)));
        attacks[10] = abi.encodeCall(on.keepWithAuthorization, (attacker, 1, "s", 0, 0, new bytes(65)));
        attacks[11] = abi.encodeCall(on.fundWithPermit, (terms, 0, 0, 0, 0));
        attacks[12] = abi.encodeCall(on.topUpWithAuthorization, (waiting, 1, DEPOSIT, 0, 0, new bytes(65)));
        for (uint256 i = 0; i < attacks.length; ++i) {
            uint256 state = vm.snapshotState();
            bad.arm(address(on), attacks[i]);
            vm.prank(attacker);
            on.close(running);
            vm.assertTrue(bad.attempted());
            vm.assertFalse(bad.succeeded());
            vm.assertEq(
                bytes32(bad.answer()), bytes32(abi.encodeWithSignature("ReentrancyGuardReentrantCall()"))
            );
            vm.assertTrue(vm.revertToState(state));
        }
    }
}
