// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { AkashEscrow } from "../../src/AkashEscrow.sol";
import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { GenerousUSDC } from "./Tokens.sol";
import { Test } from "./Vm.sol";

/// @notice An escrow contract, the people around it, and the states an escrow can be in.
abstract contract EscrowFixture is Test {
    uint256 internal constant SCALE = 1e12;
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant BUYER_KEY = 0xb0b;
    uint256 internal constant PAYEE_KEY = 0xfee;
    uint64 internal constant WINDOW = 600;
    uint16 internal constant FEE_BPS = 250;
    uint128 internal constant DEPOSIT = 10e6;
    /// @dev Half a dollar per hour.
    uint128 internal constant RATE = 138_888_888_888_889;

    bytes32 internal constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 internal constant AGREEMENT_TYPEHASH =
        keccak256("Agreement(bytes32 id,uint128 toPayee,uint256 deadline)");

    address internal immutable admin = address(0xad);
    address internal immutable settler = address(0x5e771e);
    address internal immutable pauser = address(0x9a05e);
    address internal immutable feeRecipient = address(0xfee5);
    address internal immutable arbiter = address(0xa2b);
    address internal immutable stranger = address(0x57a);
    address internal buyer;
    address internal payee;

    GenerousUSDC internal usdc;
    AkashEscrow internal escrow;

    function setUp() public virtual {
        vm.warp(START);
        buyer = vm.addr(BUYER_KEY);
        payee = vm.addr(PAYEE_KEY);
        usdc = new GenerousUSDC();
        escrow = new AkashEscrow(usdc, admin, settler, pauser, feeRecipient, 1 days);
        vm.label(address(escrow), "escrow");
        vm.label(address(usdc), "usdc");
        give(buyer, 1_000e6);
    }

    // Terms

    function streamTerms() internal view returns (IAkashEscrow.Terms memory terms) {
        terms = IAkashEscrow.Terms({
            mode: IAkashEscrow.Mode.Stream,
            buyer: buyer,
            payee: payee,
            deposit: DEPOSIT,
            maxRate: RATE,
            activateBy: uint64(START + 1 hours),
            heartbeatWindow: WINDOW,
            feeBps: FEE_BPS,
            orderHash: keccak256("order"),
            salt: bytes32(uint256(1)),
            arbiter: address(0),
            timeout: 0
        });
    }

    function completionTerms() internal view returns (IAkashEscrow.Terms memory terms) {
        terms = streamTerms();
        terms.mode = IAkashEscrow.Mode.Completion;
        terms.maxRate = 0;
        terms.activateBy = 0;
        terms.heartbeatWindow = 0;
        terms.arbiter = arbiter;
        terms.timeout = uint64(START + 1 days);
    }

    function policyFor(IAkashEscrow.Terms memory terms)
        internal
        view
        returns (IKeptBalance.SpendPolicy memory policy)
    {
        address[] memory payees = new address[](2);
        payees[0] = address(0xdead);
        payees[1] = terms.payee;
        policy = IKeptBalance.SpendPolicy({
            buyer: terms.buyer,
            payees: payees,
            maxRate: RATE,
            maxFeeBps: FEE_BPS,
            minRunTime: 1 hours,
            maxHeartbeatWindow: WINDOW,
            maxPerOrder: 20e6,
            maxPerDay: 50e6,
            maxOpen: 2,
            expiry: uint64(START + 30 days),
            nonce: escrow.policyNonce(terms.buyer)
        });
    }

    // States

    function givenFunded() internal returns (bytes32 id) {
        return givenFunded(streamTerms());
    }

    function givenFunded(IAkashEscrow.Terms memory terms) internal returns (bytes32) {
        vm.prank(terms.buyer);
        usdc.approve(address(escrow), terms.deposit);
        vm.prank(terms.buyer);
        return escrow.fund(terms);
    }

    function givenActive() internal returns (bytes32 id) {
        id = givenFunded();
        vm.prank(settler);
        escrow.activate(id, RATE);
    }

    function givenClosed() internal returns (bytes32 id) {
        id = givenActive();
        vm.prank(buyer);
        escrow.close(id);
    }

    function givenCompletion() internal returns (bytes32 id) {
        return givenFunded(completionTerms());
    }

    function givenPaused() internal {
        vm.prank(pauser);
        escrow.pause();
    }

    function givenKept(uint256 amount) internal {
        approve(buyer, amount);
        vm.prank(buyer);
        escrow.keep(amount);
    }

    // Steps

    function give(address who, uint256 amount) internal {
        usdc.give(who, amount);
    }

    function approve(address who, uint256 amount) internal {
        vm.prank(who);
        usdc.approve(address(escrow), amount);
    }

    function pass(uint256 time) internal {
        vm.warp(vm.getBlockTimestamp() + time);
    }

    function beat(bytes32 id) internal {
        vm.prank(settler);
        escrow.heartbeat(id);
    }

    function nowAt() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    // Signatures

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function authorization(
        uint256 key,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) internal view returns (bytes memory) {
        bytes32 message = keccak256(
            abi.encode(RECEIVE_TYPEHASH, vm.addr(key), to, value, validAfter, validBefore, nonce)
        );
        return signed(key, keccak256(abi.encodePacked("\x19\x01", usdc.DOMAIN_SEPARATOR(), message)));
    }

    function permit(uint256 key, uint256 value, uint256 deadline)
        internal
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        address owner = vm.addr(key);
        bytes32 message = keccak256(
            abi.encode(PERMIT_TYPEHASH, owner, address(escrow), value, usdc.nonces(owner), deadline)
        );
        return vm.sign(key, keccak256(abi.encodePacked("\x19\x01", usdc.DOMAIN_SEPARATOR(), message)));
    }

    function policySignature(uint256 key, IKeptBalance.SpendPolicy memory policy)
        internal
        view
        returns (bytes memory)
    {
        return signed(key, escrow.policyDigest(policy));
    }

    function escrowSeparator() internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("AkashEscrow"),
                keccak256("1"),
                block.chainid,
                address(escrow)
            )
        );
    }

    function agreement(uint256 key, bytes32 id, uint128 toPayee, uint256 deadline)
        internal
        view
        returns (bytes memory)
    {
        bytes32 message = keccak256(abi.encode(AGREEMENT_TYPEHASH, id, toPayee, deadline));
        return signed(key, keccak256(abi.encodePacked("\x19\x01", escrowSeparator(), message)));
    }

    // Expectations

    function expectRevert(bytes memory data) internal {
        vm.expectRevert(data);
    }

    function expectWrongStatus(bytes32 id, IAkashEscrow.Status status) internal {
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_WrongStatus.selector, id, status));
    }

    function expectWrongMode(bytes32 id, IAkashEscrow.Mode mode) internal {
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_WrongMode.selector, id, mode));
    }

    function expectNotBuyer(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IAkashEscrow.AkashEscrow_NotBuyer.selector, caller));
    }

    function expectMissingRole(address caller, bytes32 role) internal {
        vm.expectRevert(
            abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", caller, role)
        );
    }

    function expectPaused() internal {
        vm.expectRevert(abi.encodeWithSignature("EnforcedPause()"));
    }

    function expectOutsidePolicy(string memory field) internal {
        vm.expectRevert(abi.encodeWithSelector(IKeptBalance.AkashEscrow_OutsidePolicy.selector, field));
    }

    /// @dev Expects the closing event that follows from what is released and refunded.
    function expectClosed(bytes32 id, IAkashEscrow.Reason reason, uint128 released, uint64 endedAt) internal {
        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        uint128 fee = released * entry.terms.feeBps / 10_000;
        vm.expectEmit(address(escrow));
        emit IAkashEscrow.Closed(id, reason, released, fee, entry.deposited - released, endedAt);
    }

    function assertStatus(bytes32 id, IAkashEscrow.Status status) internal view {
        vm.assertEq(uint256(escrow.escrow(id).status), uint256(status));
    }

    /// @dev Everything that came in went out, and to the right recipients.
    function assertSettled(bytes32 id, uint128 released) internal view {
        IAkashEscrow.EscrowView memory entry = escrow.escrow(id);
        uint128 fee = released * entry.terms.feeBps / 10_000;
        vm.assertEq(uint256(entry.status), uint256(IAkashEscrow.Status.Closed));
        vm.assertEq(entry.released, released, "released");
        vm.assertEq(entry.refunded, entry.deposited - released, "refunded");
        vm.assertEq(escrow.balanceOf(id), 0, "held");
        vm.assertEq(escrow.accrued(id), released, "accrued, once closed");
        vm.assertEq(escrow.refundable(id), 0, "refundable, once closed");
        vm.assertEq(escrow.runsOutAt(id), 0, "runs out, once closed");
        vm.assertEq(escrow.credit(entry.terms.payee), released - fee, "the payee's credit");
        vm.assertEq(escrow.credit(feeRecipient), fee, "the fee");
        vm.assertEq(usdc.balanceOf(address(escrow)), released, "only credits are held");
    }
}
