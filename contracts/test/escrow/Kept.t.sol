// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";

contract Keep_Test is EscrowFixture {
    function test_itKeepsTheCallersMoney() external {
        approve(buyer, 30e6);
        vm.expectEmit(address(escrow));
        emit IKeptBalance.Kept(buyer, 30e6);
        vm.prank(buyer);
        escrow.keep(30e6);
        vm.assertEq(escrow.keptOf(buyer), 30e6);
        vm.assertEq(usdc.balanceOf(address(escrow)), 30e6);
    }

    function test_whenTheAmountIsZero_itReverts() external {
        vm.expectRevert(IKeptBalance.AkashEscrow_ZeroAmount.selector);
        vm.prank(buyer);
        escrow.keep(0);
    }

    function test_whenPaused_itReverts() external {
        givenPaused();
        expectPaused();
        vm.prank(buyer);
        escrow.keep(1);
    }

    function sign(bytes32 salt) private view returns (bytes memory) {
        bytes32 nonce = escrow.keepNonce(buyer, salt);
        return authorization(BUYER_KEY, address(escrow), 30e6, 0, START + 60, nonce);
    }

    function test_withAnAuthorization_anybodyMaySubmitIt() external {
        bytes memory signature = sign("salt");
        vm.prank(stranger);
        escrow.keepWithAuthorization(buyer, 30e6, "salt", 0, START + 60, signature);
        vm.assertEq(escrow.keptOf(buyer), 30e6);
        vm.assertEq(escrow.keptOf(stranger), 0);
    }

    function test_withAnAuthorization_itWorksOnce() external {
        bytes memory signature = sign("salt");
        escrow.keepWithAuthorization(buyer, 30e6, "salt", 0, START + 60, signature);
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC3009UsedAuthorization(address,bytes32)", buyer, escrow.keepNonce(buyer, "salt")
            )
        );
        escrow.keepWithAuthorization(buyer, 30e6, "salt", 0, START + 60, signature);
    }

    function test_withAnAuthorization_whenPaused_itReverts() external {
        bytes memory signature = sign("salt");
        givenPaused();
        expectPaused();
        escrow.keepWithAuthorization(buyer, 30e6, "salt", 0, START + 60, signature);
    }

    function test_anAuthorizationToKeepFundsNoEscrow() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes memory signature = sign("salt");
        vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
        escrow.fundWithAuthorization(terms, 0, START + 60, signature);
    }

    function test_anAuthorizationToFundKeepsNothing() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes32 id = escrow.escrowId(terms);
        bytes memory signature = authorization(BUYER_KEY, address(escrow), DEPOSIT, 0, START + 60, id);
        vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
        escrow.keepWithAuthorization(buyer, DEPOSIT, id, 0, START + 60, signature);
    }
}

contract WithdrawKept_Test is EscrowFixture {
    function test_itPaysTheBuyer() external {
        givenKept(30e6);
        vm.expectEmit(address(escrow));
        emit IKeptBalance.KeptWithdrawn(buyer, 10e6);
        vm.prank(buyer);
        escrow.withdrawKept(10e6);
        vm.assertEq(escrow.keptOf(buyer), 20e6);
        vm.assertEq(usdc.balanceOf(buyer), 980e6);
    }

    function test_whenPaused_itWorks() external {
        givenKept(30e6);
        givenPaused();
        vm.prank(buyer);
        escrow.withdrawKept(30e6);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6);
    }

    function test_whenMoreThanIsKept_itReverts() external {
        givenKept(30e6);
        vm.expectRevert(
            abi.encodeWithSelector(IKeptBalance.AkashEscrow_KeptTooLittle.selector, buyer, 30e6, 30e6 + 1)
        );
        vm.prank(buyer);
        escrow.withdrawKept(30e6 + 1);
    }

    function test_whenItIsSomebodyElses_itReverts() external {
        givenKept(30e6);
        vm.expectRevert(
            abi.encodeWithSelector(IKeptBalance.AkashEscrow_KeptTooLittle.selector, stranger, 0, 1)
        );
        vm.prank(stranger);
        escrow.withdrawKept(1);
    }

    function test_whenTheAmountIsZero_itReverts() external {
        vm.expectRevert(IKeptBalance.AkashEscrow_ZeroAmount.selector);
        vm.prank(buyer);
        escrow.withdrawKept(0);
    }
}

contract Policy_Test is EscrowFixture {
    IAkashEscrow.Terms private terms;
    IKeptBalance.SpendPolicy private policy;

    function setUp() public override {
        super.setUp();
        givenKept(100e6);
        terms = streamTerms();
        policy = policyFor(terms);
    }

    function fund() private returns (bytes32) {
        bytes memory signature = policySignature(BUYER_KEY, policy);
        vm.prank(settler);
        return escrow.fundFromKept(terms, policy, signature);
    }

    function refused(string memory field) private {
        bytes memory signature = policySignature(BUYER_KEY, policy);
        expectOutsidePolicy(field);
        vm.prank(settler);
        escrow.fundFromKept(terms, policy, signature);
    }

    function nextSalt() private {
        terms.salt = bytes32(uint256(terms.salt) + 1);
    }

    function test_withinThePolicy_theOperatorFunds() external {
        bytes32 id = escrow.escrowId(terms);
        bytes32 digest = escrow.policyDigest(policy);
        bytes memory signature = policySignature(BUYER_KEY, policy);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Funded(id, buyer, payee, terms);
        vm.expectEmit(address(escrow));
        emit IKeptBalance.KeptSpent(id, buyer, digest, DEPOSIT);
        vm.prank(settler);
        vm.assertEq(escrow.fundFromKept(terms, policy, signature), id);

        assertStatus(id, IAkashEscrow.Status.Funded);
        vm.assertEq(escrow.keptOf(buyer), 90e6);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT);
        vm.assertEq(escrow.spentOn(buyer, START / 1 days), DEPOSIT);
        vm.assertEq(escrow.openOf(buyer), 1);
        vm.assertEq(escrow.policyOf(id), digest);
        vm.assertEq(usdc.balanceOf(address(escrow)), 100e6, "no token moved");
    }

    function test_aRefundGoesToTheBuyersWallet_andTheSlotIsFree() external {
        bytes32 id = fund();
        vm.prank(buyer);
        escrow.cancel(id);
        vm.assertEq(usdc.balanceOf(buyer), 900e6 + DEPOSIT);
        vm.assertEq(escrow.openOf(buyer), 0);
        vm.assertEq(escrow.spentOn(buyer, START / 1 days), DEPOSIT, "what was spent today stays spent");
    }

    function test_anEscrowFundedOtherwise_freesNoSlot() external {
        fund();
        nextSalt();
        bytes32 own = givenFunded(terms);
        vm.prank(buyer);
        escrow.cancel(own);
        vm.assertEq(escrow.openOf(buyer), 1);
    }

    function test_whenTheCallerIsNotTheOperator_itReverts() external {
        bytes memory signature = policySignature(BUYER_KEY, policy);
        bytes32 role = escrow.SETTLER_ROLE();
        expectMissingRole(stranger, role);
        vm.prank(stranger);
        escrow.fundFromKept(terms, policy, signature);
    }

    function test_whenPaused_itReverts() external {
        bytes memory signature = policySignature(BUYER_KEY, policy);
        givenPaused();
        expectPaused();
        vm.prank(settler);
        escrow.fundFromKept(terms, policy, signature);
    }

    function test_whenSomebodyElseSigned_itReverts() external {
        bytes memory signature = policySignature(PAYEE_KEY, policy);
        vm.expectRevert(IKeptBalance.AkashEscrow_InvalidPolicySignature.selector);
        vm.prank(settler);
        escrow.fundFromKept(terms, policy, signature);
    }

    function testFuzz_whenThePolicyIsAltered_itReverts(uint8 field, uint32 delta) external {
        bytes memory signature = policySignature(BUYER_KEY, policy);
        delta = uint32(bound(delta, 1, 1_000));
        field = uint8(bound(field, 0, 8));
        if (field == 0) policy.payees[0] = stranger;
        if (field == 1) policy.maxRate += delta;
        if (field == 2) policy.maxFeeBps += uint16(delta);
        if (field == 3) policy.minRunTime -= delta;
        if (field == 4) policy.maxHeartbeatWindow += delta;
        if (field == 5) policy.maxPerOrder += delta;
        if (field == 6) policy.maxPerDay += delta;
        if (field == 7) policy.maxOpen += delta;
        if (field == 8) policy.expiry += delta;
        vm.expectRevert(IKeptBalance.AkashEscrow_InvalidPolicySignature.selector);
        vm.prank(settler);
        escrow.fundFromKept(terms, policy, signature);
    }

    function test_whenTheOrderIsACompletion_itReverts() external {
        terms = completionTerms();
        refused("mode");
    }

    function test_whenTheOrderIsAnotherBuyers_itReverts() external {
        terms.buyer = stranger;
        refused("buyer");
    }

    function test_whenThePayeeIsNotNamed_itReverts() external {
        terms.payee = stranger;
        refused("payees");
    }

    function test_whenNobodyIsNamed_itReverts() external {
        policy.payees = new address[](0);
        refused("payees");
    }

    function test_whenTooManyAreNamed_itReverts() external {
        policy.payees = new address[](escrow.MAX_PAYEES() + 1);
        policy.payees[0] = payee;
        refused("payees");
    }

    function test_whenTheMostAreNamed_itFunds() external {
        policy.payees = new address[](escrow.MAX_PAYEES());
        policy.payees[policy.payees.length - 1] = payee;
        fund();
    }

    function test_whenTheRateIsHigher_itReverts() external {
        policy.maxRate = terms.maxRate - 1;
        refused("maxRate");
    }

    function test_whenTheFeeIsHigher_itReverts() external {
        policy.maxFeeBps = terms.feeBps - 1;
        refused("maxFeeBps");
    }

    function test_whenTheDepositDoesNotLast_itReverts() external {
        // The deposit lasts 71,999 seconds at the maximum rate, and not one more.
        policy.minRunTime = 72_000;
        refused("minRunTime");
    }

    function test_whenTheDepositJustLasts_itFunds() external {
        policy.minRunTime = 71_999;
        fund();
    }

    function test_whenTheWindowIsLonger_itReverts() external {
        policy.maxHeartbeatWindow = WINDOW - 1;
        refused("maxHeartbeatWindow");
    }

    function test_whenTheOrderIsLarger_itReverts() external {
        policy.maxPerOrder = DEPOSIT - 1;
        refused("maxPerOrder");
    }

    function test_whenTheOrderIsTheLargest_itFunds() external {
        policy.maxPerOrder = DEPOSIT;
        fund();
    }

    function test_whenTooManyAreOpen_itReverts() external {
        fund();
        nextSalt();
        fund();
        nextSalt();
        refused("maxOpen");
    }

    function test_whenOneHasClosed_theNextIsFunded() external {
        bytes32 first = fund();
        nextSalt();
        fund();
        vm.prank(settler);
        escrow.end(first, 0);
        nextSalt();
        fund();
        vm.assertEq(escrow.openOf(buyer), 2);
    }

    function test_whenTodayIsSpent_itReverts_andTomorrowItFunds() external {
        policy.maxPerDay = DEPOSIT + 1;
        fund();
        nextSalt();
        terms.activateBy += 2 days;
        refused("maxPerDay");
        vm.warp((START / 1 days + 1) * 1 days - 1);
        refused("maxPerDay");
        vm.warp((START / 1 days + 1) * 1 days);
        fund();
    }

    function test_whenTodayIsJustSpent_itFunds() external {
        policy.maxPerDay = DEPOSIT;
        fund();
    }

    function test_twoPoliciesShareTheDayAndTheSlots() external {
        policy.maxPerDay = DEPOSIT;
        policy.maxOpen = 1;
        fund();
        nextSalt();
        policy.expiry += 1;
        refused("maxOpen");
        policy.maxOpen = 2;
        refused("maxPerDay");
    }

    function test_inTheLastSecond_itFunds_andThenNoMore() external {
        policy.expiry = uint64(START + 10);
        vm.warp(START + 10);
        fund();
        pass(1);
        nextSalt();
        refused("expiry");
    }

    function test_whenRevoked_itReverts() external {
        vm.expectEmit(address(escrow));
        emit IKeptBalance.PoliciesRevoked(buyer, 1);
        vm.prank(buyer);
        escrow.revokePolicies();
        vm.assertEq(escrow.policyNonce(buyer), 1);
        refused("nonce");
        policy.nonce = 1;
        fund();
    }

    function test_whenPaused_revokingWorks() external {
        givenPaused();
        vm.prank(buyer);
        escrow.revokePolicies();
        vm.assertEq(escrow.policyNonce(buyer), 1);
    }

    function test_whenTooLittleIsKept_itReverts() external {
        vm.prank(buyer);
        escrow.withdrawKept(100e6 - DEPOSIT + 1);
        bytes memory signature = policySignature(BUYER_KEY, policy);
        vm.expectRevert(
            abi.encodeWithSelector(
                IKeptBalance.AkashEscrow_KeptTooLittle.selector, buyer, DEPOSIT - 1, DEPOSIT
            )
        );
        vm.prank(settler);
        escrow.fundFromKept(terms, policy, signature);
    }

    // Top-ups

    function topUp(bytes32 id, uint128 amount) private {
        bytes memory signature = policySignature(BUYER_KEY, policy);
        vm.prank(settler);
        escrow.topUpFromKept(id, amount, policy, signature);
    }

    function topUpRefused(bytes32 id, uint128 amount, string memory field) private {
        bytes memory signature = policySignature(BUYER_KEY, policy);
        expectOutsidePolicy(field);
        vm.prank(settler);
        escrow.topUpFromKept(id, amount, policy, signature);
    }

    function test_topUp_withinThePolicy_itAdds() external {
        bytes32 id = fund();
        vm.prank(settler);
        escrow.activate(id, RATE);
        pass(10);
        bytes memory signature = policySignature(BUYER_KEY, policy);
        vm.expectEmit(address(escrow));
        emit IKeptBalance.KeptSpent(id, buyer, escrow.policyDigest(policy), 10e6);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.ToppedUp(id, buyer, 10e6);
        vm.prank(settler);
        escrow.topUpFromKept(id, 10e6, policy, signature);
        vm.assertEq(escrow.escrow(id).deposited, DEPOSIT + 10e6);
        vm.assertEq(escrow.escrow(id).accruedScaled, uint256(RATE) * 10);
        vm.assertEq(escrow.keptOf(buyer), 80e6);
        vm.assertEq(escrow.spentOn(buyer, START / 1 days), DEPOSIT + 10e6);
    }

    function test_topUp_whenTheOrderGetsTooLarge_itReverts() external {
        bytes32 id = fund();
        topUpRefused(id, 10e6 + 1, "maxPerOrder");
    }

    function test_topUp_whenTheBuyersOwnTopUpFilledTheOrder_itReverts() external {
        bytes32 id = fund();
        approve(buyer, 10e6);
        vm.prank(buyer);
        escrow.topUp(id, 10e6, DEPOSIT);
        topUpRefused(id, 1, "maxPerOrder");
    }

    function test_topUp_whenTodayIsSpent_itReverts() external {
        policy.maxPerDay = DEPOSIT + 5e6;
        bytes32 id = fund();
        topUpRefused(id, 5e6 + 1, "maxPerDay");
        topUp(id, 5e6);
    }

    function test_topUp_whenTheBuyerFundedTheOrder_itReverts() external {
        bytes32 own = givenFunded(terms);
        topUpRefused(own, 1, "order");
    }

    function test_topUp_whenAnotherPolicyFundedTheOrder_itReverts() external {
        bytes32 id = fund();
        policy.maxPerOrder += 1;
        topUpRefused(id, 1, "order");
    }

    function test_topUp_whenRevoked_itReverts() external {
        bytes32 id = fund();
        vm.prank(buyer);
        escrow.revokePolicies();
        topUpRefused(id, 1, "nonce");
    }

    function test_topUp_whenClosed_itReverts() external {
        bytes32 id = fund();
        vm.prank(buyer);
        escrow.cancel(id);
        bytes memory signature = policySignature(BUYER_KEY, policy);
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        vm.prank(settler);
        escrow.topUpFromKept(id, 1, policy, signature);
    }

    function test_topUp_whenPaused_itReverts() external {
        bytes32 id = fund();
        bytes memory signature = policySignature(BUYER_KEY, policy);
        givenPaused();
        expectPaused();
        vm.prank(settler);
        escrow.topUpFromKept(id, 1, policy, signature);
    }

    function test_topUp_whenTheCallerIsNotTheOperator_itReverts() external {
        bytes32 id = fund();
        bytes memory signature = policySignature(BUYER_KEY, policy);
        bytes32 role = escrow.SETTLER_ROLE();
        expectMissingRole(buyer, role);
        vm.prank(buyer);
        escrow.topUpFromKept(id, 1, policy, signature);
    }
}
