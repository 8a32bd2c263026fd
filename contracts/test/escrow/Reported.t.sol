// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { AkashEscrow } from "../../src/AkashEscrow.sol";
import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";
import { BytesOnlyToken } from "../support/Tokens.sol";

/// @notice Faults of other contracts of this kind that were reported in public.

/// @dev "Not yet valid": the lower bound of an authorization excludes its own second, and blocks lag behind clocks.
contract AuthorizationTime_Test is EscrowFixture {
    uint256 private constant SIGNED_AT = START + 60;

    function funds(uint256 at) private returns (bytes32) {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes32 id = escrow.escrowId(terms);
        bytes memory signature = authorization(BUYER_KEY, address(escrow), DEPOSIT, 0, terms.activateBy, id);
        vm.warp(at);
        return escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
    }

    function test_aBlockFiveSecondsBeforeTheSigning_takesIt() external {
        assertStatus(funds(SIGNED_AT - 5), IAkashEscrow.Status.Funded);
    }

    function test_theBlockOfTheSigningSecond_takesIt() external {
        assertStatus(funds(SIGNED_AT), IAkashEscrow.Status.Funded);
    }

    function test_theLastSecondBeforeItsEnd_takesIt() external {
        assertStatus(funds(START + 1 hours - 1), IAkashEscrow.Status.Funded);
    }

    function test_itsEndAndASecondLater_refuseIt() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes32 id = escrow.escrowId(terms);
        bytes memory signature = authorization(BUYER_KEY, address(escrow), DEPOSIT, 0, terms.activateBy, id);
        for (uint256 later = 0; later < 2; ++later) {
            vm.warp(terms.activateBy + later);
            // In its last second the terms are still valid, and the authorization is not.
            if (later == 0) {
                vm.expectRevert(
                    abi.encodeWithSignature(
                        "ERC3009InvalidAuthorizationTime(uint256,uint256)", 0, terms.activateBy
                    )
                );
            } else {
                vm.expectRevert(
                    abi.encodeWithSelector(IAkashEscrow.AkashEscrow_InvalidTerms.selector, "activateBy")
                );
            }
            escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
        }
        vm.assertEq(usdc.balanceOf(buyer), 1_000e6, "nothing was taken");
        vm.assertFalse(usdc.authorizationState(buyer, id), "and the signature is not used up");
    }

    function test_aTopUpSignedAheadOfTheBlocks_isTaken() external {
        bytes32 id = givenActive();
        bytes32 nonce = escrow.topUpNonce(id, 5e6, DEPOSIT);
        bytes memory signature = authorization(BUYER_KEY, address(escrow), 5e6, 0, START + 300, nonce);
        // The page's clock was ahead: this block is older than the signature.
        vm.prank(stranger);
        escrow.topUpWithAuthorization(id, 5e6, DEPOSIT, 0, START + 300, signature);
        vm.assertEq(escrow.escrow(id).deposited, DEPOSIT + 5e6);
    }
}

/// @dev A token whose authorizations take `bytes` in place of `v, r, s`: the limit is stated in IAkashEscrow.
contract OtherSignatureForm_Test is EscrowFixture {
    function test_whenTheTokenTakesBytesOnly_nothingMoves_andThePlainWayWorks() external {
        BytesOnlyToken token_ = new BytesOnlyToken();
        AkashEscrow on = new AkashEscrow(IERC20(address(token_)), admin, settler, pauser, feeRecipient, 0);
        token_.give(buyer, DEPOSIT);
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes32 id = on.escrowId(terms);
        bytes memory signature = authorization(BUYER_KEY, address(on), DEPOSIT, 0, terms.activateBy, id);
        vm.expectRevert(bytes(""));
        on.fundWithAuthorization(terms, 0, terms.activateBy, signature);
        vm.assertEq(token_.balanceOf(buyer), DEPOSIT, "nothing was taken");
        vm.assertEq(uint256(on.escrow(id).status), uint256(IAkashEscrow.Status.None));

        vm.prank(buyer);
        token_.approve(address(on), DEPOSIT);
        vm.prank(buyer);
        on.fund(terms);
        vm.assertEq(on.balanceOf(id), DEPOSIT);
        vm.prank(buyer);
        on.cancel(id);
        vm.assertEq(token_.balanceOf(buyer), DEPOSIT, "nothing stuck");
        vm.assertEq(token_.balanceOf(address(on)), 0);
    }
}

/// @dev Six decimals: a small rate settled often must give the same amount as settling it once.
contract SmallRate_Test is EscrowFixture {
    /// @dev 0.0015 dollars an hour, in 10^-12 micro-dollars a second.
    uint128 private constant SMALL = 416_666_666_667;

    function givenSmall(uint64 window) private returns (bytes32 id) {
        IAkashEscrow.Terms memory terms = streamTerms();
        terms.maxRate = SMALL;
        terms.deposit = 1e6;
        terms.heartbeatWindow = window;
        id = givenFunded(terms);
        vm.prank(settler);
        escrow.activate(id, SMALL);
    }

    function released(bytes32 id) private returns (uint256) {
        vm.prank(buyer);
        escrow.close(id);
        return escrow.escrow(id).released;
    }

    function assertAbout(uint256 amount, uint256 wanted) private pure {
        vm.assertGe(amount, wanted - 1);
        vm.assertLe(amount, wanted + 1);
    }

    function test_anHourAtOnce_andSecondBySecond_costTheSame() external {
        bytes32 id = givenSmall(2 hours);
        uint256 before = vm.snapshotState();
        pass(1 hours);
        assertAbout(released(id), 1_500);
        vm.revertToState(before);
        for (uint256 second = 0; second < 1 hours; ++second) {
            pass(1);
            beat(id);
        }
        assertAbout(released(id), 1_500);
    }

    function test_aDayInPartsOfTenMinutes_costsADay() external {
        bytes32 id = givenSmall(WINDOW);
        for (uint256 part = 0; part < 144; ++part) {
            pass(10 minutes);
            beat(id);
        }
        assertAbout(released(id), 36_000);
    }
}

/// @dev Every entry and exit, on jobs that are over or never existed: each reverts, and nothing moves.
contract OverAndDone_Test is EscrowFixture {
    uint256 private constant STRAY = 1;

    /// @dev Tokens that came without a call are in no account's books: claiming more than the books hold breaks this.
    function assertSolvent(uint256 credits) private view {
        vm.assertEq(
            usdc.balanceOf(address(escrow)), credits + escrow.keptOf(buyer) + STRAY, "books = balance"
        );
    }

    function callsOn(bytes32 id) private view returns (bytes[13] memory calls, address[13] memory by) {
        uint256 until = START + 1 days;
        bytes memory topUp =
            authorization(BUYER_KEY, address(escrow), 1e6, 0, until, escrow.topUpNonce(id, 1e6, DEPOSIT));
        calls[0] = abi.encodeCall(escrow.topUp, (id, 1e6, DEPOSIT));
        calls[1] = abi.encodeCall(escrow.topUpWithAuthorization, (id, 1e6, DEPOSIT, 0, until, topUp));
        calls[2] = abi.encodeCall(escrow.cancel, (id));
        calls[3] = abi.encodeCall(escrow.close, (id));
        calls[4] = abi.encodeCall(escrow.confirm, (id));
        calls[5] = abi.encodeCall(escrow.reclaim, (id));
        calls[6] =
            abi.encodeCall(escrow.settleByAgreement, (id, 0, until, agreement(PAYEE_KEY, id, 0, until)));
        for (uint256 at = 0; at < 7; ++at) {
            by[at] = buyer;
        }
        calls[7] = abi.encodeCall(escrow.activate, (id, RATE));
        calls[8] = abi.encodeCall(escrow.heartbeat, (id));
        calls[9] = abi.encodeCall(escrow.end, (id, uint64(START)));
        for (uint256 at = 7; at < 10; ++at) {
            by[at] = settler;
        }
        calls[10] = abi.encodeCall(escrow.arbitrate, (id, 0));
        by[10] = arbiter;
        calls[11] = abi.encodeCall(escrow.reclaim, (id));
        by[11] = stranger;
        calls[12] = abi.encodeCall(escrow.withdraw, (buyer));
        by[12] = buyer;
    }

    function assertDead(bytes32 id) private {
        (bytes[13] memory calls, address[13] memory by) = callsOn(id);
        uint256 held = usdc.balanceOf(address(escrow));
        uint256 had = usdc.balanceOf(buyer);
        bytes32 entry = keccak256(abi.encode(escrow.escrow(id)));
        for (uint256 at = 0; at < calls.length; ++at) {
            vm.prank(by[at]);
            (bool worked,) = address(escrow).call(calls[at]);
            vm.assertFalse(worked, vm.toString(at));
        }
        vm.assertEq(usdc.balanceOf(address(escrow)), held, "held");
        vm.assertEq(usdc.balanceOf(buyer), had, "the buyer's");
        vm.assertEq(keccak256(abi.encode(escrow.escrow(id))), entry, "the entry");
    }

    function setUp() public override {
        super.setUp();
        approve(buyer, type(uint256).max);
        give(stranger, STRAY);
        vm.prank(stranger);
        // The fixture's token returns true or reverts.
        usdc.transfer(address(escrow), STRAY);
    }

    function test_neverFunded() external {
        assertDead(keccak256("nobody's"));
        assertSolvent(0);
    }

    function test_cancelled() external {
        bytes32 id = givenFunded();
        vm.prank(buyer);
        escrow.cancel(id);
        assertDead(id);
        assertSolvent(0);
    }

    function test_closed() external {
        approve(buyer, type(uint256).max);
        bytes32 id = givenActive();
        pass(60);
        vm.prank(buyer);
        escrow.close(id);
        assertDead(id);
        assertSolvent(escrow.credit(payee) + escrow.credit(feeRecipient));
    }

    function test_ended() external {
        bytes32 id = givenActive();
        pass(60);
        vm.prank(settler);
        escrow.end(id, uint64(nowAt()));
        assertDead(id);
        assertSolvent(escrow.credit(payee) + escrow.credit(feeRecipient));
    }

    function test_everyWayOutPaysOnce() external {
        givenKept(3e6);
        bytes32 id = givenActive();
        pass(WINDOW + 1);
        escrow.reclaim(id);
        expectWrongStatus(id, IAkashEscrow.Status.Closed);
        escrow.reclaim(id);
        assertSolvent(escrow.credit(payee) + escrow.credit(feeRecipient));
        escrow.withdraw(payee);
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_NoCredit.selector, payee));
        escrow.withdraw(payee);
        assertSolvent(escrow.credit(feeRecipient));
        vm.prank(buyer);
        escrow.withdrawKept(3e6);
        vm.expectRevert(abi.encodeWithSelector(IKeptBalance.AkashEscrow_KeptTooLittle.selector, buyer, 0, 1));
        vm.prank(buyer);
        escrow.withdrawKept(1);
        assertSolvent(escrow.credit(feeRecipient));
    }
}

/// @dev Money that a stranger sends just before a deadline changes neither the deadline nor any refund.
contract StrangersMoney_Test is EscrowFixture {
    function pushes(bytes32 id) private {
        give(stranger, 1);
        vm.prank(stranger);
        usdc.approve(address(escrow), 1);
        expectNotBuyer(stranger);
        vm.prank(stranger);
        escrow.topUp(id, 1, DEPOSIT);
        vm.prank(stranger);
        usdc.transfer(address(escrow), 1);
    }

    function test_beforeActivateBy_theBuyerGetsTheDepositBack() external {
        bytes32 id = givenFunded();
        vm.warp(START + 1 hours);
        pushes(id);
        pass(1);
        vm.prank(stranger);
        escrow.reclaim(id);
        assertGone(id, 1_000e6);
    }

    function test_beforeTheWindowEnds_theEndStays() external {
        bytes32 id = givenActive();
        pass(WINDOW);
        pushes(id);
        pass(1);
        vm.prank(stranger);
        escrow.reclaim(id);
        uint256 owed = uint256(RATE) * WINDOW / SCALE;
        vm.assertEq(escrow.escrow(id).released, owed, "to the window's end");
        assertGone(id, 1_000e6 - owed);
    }

    function test_beforeTheMoneyRunsOut_itRunsOutThen() external {
        bytes32 id = givenActive();
        uint256 out = escrow.runsOutAt(id);
        vm.warp(out - 1);
        pushes(id);
        vm.assertEq(escrow.runsOutAt(id), out);
    }

    function assertGone(bytes32 id, uint256 buyers) private view {
        assertStatus(id, IAkashEscrow.Status.Closed);
        vm.assertEq(usdc.balanceOf(buyer), buyers, "the buyer's");
        vm.assertEq(usdc.balanceOf(stranger), 0, "the stranger gains nothing");
        vm.assertEq(escrow.credit(stranger), 0);
    }
}
