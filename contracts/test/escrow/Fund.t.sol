// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";

contract Fund_Test is EscrowFixture {
    function test_givenNone_itHoldsTheDepositUnderTheTermsHash() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        approve(buyer, DEPOSIT);
        bytes32 id = keccak256(abi.encode(block.chainid, address(escrow), terms));
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Funded(id, buyer, payee, terms);
        vm.prank(buyer);
        vm.assertEq(escrow.fund(terms), id);

        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        vm.assertEq(uint256(entry.status), uint256(IAkashEscrow.Status.Funded));
        vm.assertEq(keccak256(abi.encode(entry.terms)), keccak256(abi.encode(terms)));
        vm.assertEq(entry.deposited, DEPOSIT);
        vm.assertEq(escrow.escrowId(terms), id);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT);
        vm.assertEq(escrow.refundable(id), DEPOSIT);
        vm.assertEq(escrow.accrued(id), 0);
        vm.assertEq(escrow.runsOutAt(id), 0);
        vm.assertEq(usdc.balanceOf(address(escrow)), DEPOSIT);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6 - DEPOSIT);
    }

    function test_givenNone_whenItIsACompletion_itHoldsTheDeposit() external {
        bytes32 id = givenCompletion();
        assertStatus(id, IAkashEscrow.Status.Funded);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT);
    }

    function test_givenFunded_theSameTermsFundNothingAgain() external {
        bytes32 id = givenFunded();
        approve(buyer, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_AlreadyFunded.selector, id));
        vm.prank(buyer);
        escrow.fund(streamTerms());
    }

    function test_givenClosed_theSameTermsFundNothingAgain() external {
        bytes32 id = givenClosed();
        approve(buyer, DEPOSIT);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_AlreadyFunded.selector, id));
        vm.prank(buyer);
        escrow.fund(streamTerms());
    }

    function test_givenFunded_anotherSaltIsAnotherEscrow() external {
        givenFunded();
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.salt = bytes32(uint256(2));
        bytes32 second = givenFunded(terms);
        vm.assertEq(escrow.balanceOf(second), DEPOSIT);
        vm.assertEq(usdc.balanceOf(address(escrow)), 2 * DEPOSIT);
    }

    function test_whenTheCallerIsNotTheBuyer_itReverts() external {
        approve(buyer, DEPOSIT);
        expectNotBuyer(stranger);
        vm.prank(stranger);
        escrow.fund(streamTerms());
    }

    function test_whenPaused_itReverts() external {
        givenPaused();
        approve(buyer, DEPOSIT);
        expectPaused();
        vm.prank(buyer);
        escrow.fund(streamTerms());
    }

    function test_whenTheAllowanceIsMissing_itReverts() external {
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)", address(escrow), 0, DEPOSIT
            )
        );
        vm.prank(buyer);
        escrow.fund(streamTerms());
    }

    function test_idsDifferBetweenChains() external {
        bytes32 here = escrow.escrowId(streamTerms());
        vm.chainId(block.chainid + 1);
        vm.assertNotEq(escrow.escrowId(streamTerms()), here);
    }

    // Terms

    function check_refused(IAkashEscrow.Terms memory terms, string memory field) private {
        approve(terms.buyer, terms.deposit);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_InvalidTerms.selector, field));
        vm.prank(terms.buyer);
        escrow.fund(terms);
    }

    function test_whenThereIsNoPayee_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.payee = address(0);
        check_refused(terms, "payee");
    }

    function test_whenThePayeeIsTheContract_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.payee = address(escrow);
        check_refused(terms, "payee");
    }

    function test_whenThePayeeIsTheBuyer_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.payee = buyer;
        check_refused(terms, "payee");
    }

    function test_whenThereIsNoDeposit_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.deposit = 0;
        check_refused(terms, "deposit");
    }

    function test_whenTheFeeIsTooHigh_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.feeBps = escrow.MAX_FEE_BPS() + 1;
        check_refused(terms, "feeBps");
    }

    function test_whenTheFeeIsTheHighest_itIsFunded() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.feeBps = escrow.MAX_FEE_BPS();
        assertStatus(givenFunded(terms), IAkashEscrow.Status.Funded);
    }

    function test_whenAStreamHasNoRate_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.maxRate = 0;
        check_refused(terms, "maxRate");
    }

    function test_whenAStreamHasNoWindow_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.heartbeatWindow = 0;
        check_refused(terms, "heartbeatWindow");
    }

    function test_whenActivateByIsPast_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.activateBy = uint64(START - 1);
        check_refused(terms, "activateBy");
    }

    function test_whenActivateByIsNow_itIsFunded() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.activateBy = uint64(START);
        assertStatus(givenFunded(terms), IAkashEscrow.Status.Funded);
    }

    function test_whenAStreamHasAnArbiter_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.arbiter = arbiter;
        check_refused(terms, "arbiter");
    }

    function test_whenAStreamHasATimeout_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.timeout = uint64(START + 1);
        check_refused(terms, "timeout");
    }

    function test_whenACompletionHasARate_itReverts() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.maxRate = 1;
        check_refused(terms, "maxRate");
    }

    function test_whenACompletionHasAWindow_itReverts() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.heartbeatWindow = 1;
        check_refused(terms, "heartbeatWindow");
    }

    function test_whenACompletionHasAnActivateBy_itReverts() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.activateBy = uint64(START + 1);
        check_refused(terms, "activateBy");
    }

    function test_whenACompletionHasNoArbiter_itReverts() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.arbiter = address(0);
        check_refused(terms, "arbiter");
    }

    function test_whenTheArbiterIsAParty_itReverts() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.arbiter = buyer;
        check_refused(terms, "arbiter");
        terms.arbiter = payee;
        check_refused(terms, "arbiter");
    }

    function test_whenTheTimeoutIsPast_itReverts() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.timeout = uint64(START - 1);
        check_refused(terms, "timeout");
    }

    function test_whenTheTimeoutIsNow_itIsFunded() external {
        IAkashEscrow.Terms memory terms = completionTerms();
        terms.timeout = uint64(START);
        assertStatus(givenFunded(terms), IAkashEscrow.Status.Funded);
    }
}

contract FundWithPermit_Test is EscrowFixture {
    function test_givenNone_onePermitFunds() external {
        (uint8 v, bytes32 r, bytes32 s) = permit(BUYER_KEY, DEPOSIT, START);
        vm.prank(buyer);
        bytes32 id = escrow.fundWithPermit(streamTerms(), START, v, r, s);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT);
        vm.assertEq(usdc.allowance(buyer, address(escrow)), 0);
    }

    function test_whenSomebodyElseSubmittedThePermitFirst_itFundsAllTheSame() external {
        (uint8 v, bytes32 r, bytes32 s) = permit(BUYER_KEY, DEPOSIT, START);
        vm.prank(stranger);
        usdc.permit(buyer, address(escrow), DEPOSIT, START, v, r, s);
        vm.prank(buyer);
        bytes32 id = escrow.fundWithPermit(streamTerms(), START, v, r, s);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT);
    }

    function test_whenThePermitIsForAnotherAmount_itReverts() external {
        (uint8 v, bytes32 r, bytes32 s) = permit(BUYER_KEY, DEPOSIT - 1, START);
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientAllowance(address,uint256,uint256)", address(escrow), 0, DEPOSIT
            )
        );
        vm.prank(buyer);
        escrow.fundWithPermit(streamTerms(), START, v, r, s);
    }

    function test_whenTheCallerIsNotTheBuyer_itReverts() external {
        (uint8 v, bytes32 r, bytes32 s) = permit(BUYER_KEY, DEPOSIT, START);
        expectNotBuyer(stranger);
        vm.prank(stranger);
        escrow.fundWithPermit(streamTerms(), START, v, r, s);
    }

    function test_whenPaused_itReverts() external {
        givenPaused();
        (uint8 v, bytes32 r, bytes32 s) = permit(BUYER_KEY, DEPOSIT, START);
        expectPaused();
        vm.prank(buyer);
        escrow.fundWithPermit(streamTerms(), START, v, r, s);
    }
}

contract FundWithAuthorization_Test is EscrowFixture {
    function sign(IAkashEscrow.Terms memory terms) private view returns (bytes memory) {
        bytes32 id = escrow.escrowId(terms);
        return authorization(BUYER_KEY, address(escrow), terms.deposit, 0, terms.activateBy, id);
    }

    function test_givenNone_anybodyMaySubmitTheBuyersSignature() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes memory signature = sign(terms);
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Funded(escrow.escrowId(terms), buyer, payee, terms);
        vm.prank(stranger);
        bytes32 id = escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
        vm.assertEq(escrow.balanceOf(id), DEPOSIT);
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6 - DEPOSIT);
        vm.assertTrue(usdc.authorizationState(buyer, id));
    }

    function test_givenFunded_theSignatureFundsNothingAgain() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes memory signature = sign(terms);
        bytes32 id = escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_AlreadyFunded.selector, id));
        escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
    }

    function testFuzz_whenAnyTermIsAltered_itReverts(uint8 field, uint64 delta) external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes memory signature = sign(terms);
        uint64 activateBy = terms.activateBy;
        delta = uint64(bound(delta, 1, 1 hours));
        field = uint8(bound(field, 0, 8));
        if (field == 0) terms.payee = stranger;
        if (field == 1) terms.deposit += delta;
        if (field == 2) terms.maxRate += delta;
        if (field == 3) terms.activateBy += delta;
        if (field == 4) terms.heartbeatWindow += delta;
        if (field == 5) terms.feeBps -= uint16(bound(delta, 1, FEE_BPS));
        if (field == 6) terms.orderHash = bytes32(uint256(delta));
        if (field == 7) terms.salt = bytes32(uint256(delta) + 1);
        if (field == 8) terms.deposit -= delta;
        vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
        escrow.fundWithAuthorization(terms, 0, activateBy, signature);
    }

    function test_whenTheWindowIsAltered_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes memory signature = sign(terms);
        vm.expectRevert(abi.encodeWithSignature("ERC3009InvalidSignature()"));
        escrow.fundWithAuthorization(terms, 0, terms.activateBy + 1, signature);
    }

    function test_whenItHasRunOut_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.activateBy = uint64(START + 10);
        bytes memory signature = sign(terms);
        pass(10);
        vm.expectRevert(
            abi.encodeWithSignature("ERC3009InvalidAuthorizationTime(uint256,uint256)", 0, START + 10)
        );
        escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
    }

    function test_theTokenTakesItFromTheEscrowAlone() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes memory signature = sign(terms);
        bytes32 id = escrow.escrowId(terms);
        (uint8 v, bytes32 r, bytes32 s) = split(signature);
        vm.expectRevert(abi.encodeWithSignature("ERC20InvalidReceiver(address)", address(escrow)));
        vm.prank(stranger);
        usdc.receiveWithAuthorization(buyer, address(escrow), DEPOSIT, 0, terms.activateBy, id, v, r, s);
    }

    function test_whenTheSignatureIsNot65Bytes_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        vm.expectRevert(abi.encodeWithSelector(IKeptBalance.AkashEscrow_SignatureLength.selector, 64));
        escrow.fundWithAuthorization(terms, 0, terms.activateBy, new bytes(64));
    }

    function test_whenThereIsNoBuyer_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.buyer = address(0);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_InvalidTerms.selector, "buyer"));
        escrow.fundWithAuthorization(terms, 0, terms.activateBy, new bytes(65));
    }

    function test_whenPaused_itReverts() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes memory signature = sign(terms);
        givenPaused();
        expectPaused();
        escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
    }

    function split(bytes memory signature) private pure returns (uint8 v, bytes32 r, bytes32 s) {
        assembly ("memory-safe") {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
            v := byte(0, mload(add(signature, 96)))
        }
    }
}
