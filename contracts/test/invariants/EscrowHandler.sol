// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { AkashEscrow } from "../../src/AkashEscrow.sol";
import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";
import { GenerousUSDC } from "../support/Tokens.sol";

/// @notice Does to an escrow contract whatever its participants, and outsiders, can do; and predicts from its own
/// books whether each step must succeed. A step that succeeds and should not, or fails and should not, fails the
/// run.
/// @dev Nothing here reads what the contract computes except an escrow's status and terms: what has been paid in, how
/// long was billable and what policies have spent is counted a second time, in another way.
contract EscrowHandler is EscrowFixture {
    uint256 private constant MOST_ESCROWS = 12;
    uint256 public constant BUYERS = 3;
    uint256 public constant PAYEES = 2;

    uint256 private _clock;
    bytes32[] private _ids;
    address[] private _buyers;
    address[] private _payees;

    /// @notice What went into an escrow: its deposit and its top-ups.
    mapping(bytes32 id => uint256 amount) public putIn;
    /// @notice For how many seconds a stream was billable: active, and the operator alive.
    mapping(bytes32 id => uint256 time) public billable;
    /// @notice When the operator last sent a heartbeat.
    mapping(bytes32 id => uint256 at) public sign;
    /// @notice Whether an escrow was funded within a policy.
    mapping(bytes32 id => bool yes) public byPolicy;
    /// @notice The most that the policy allows for an order.
    mapping(bytes32 id => uint256 amount) public orderCap;
    /// @notice The state of an escrow when it was first seen closed.
    mapping(bytes32 id => bytes32 hash) public closedAs;
    /// @notice The furthest status seen.
    mapping(bytes32 id => uint256 status) public furthest;
    /// @notice Tokens minted for each account.
    mapping(address who => uint256 amount) public made;
    /// @notice What policies spent, by buyer and day.
    mapping(address who => mapping(uint256 day => uint256 amount)) public spent;
    /// @notice What a buyer keeps.
    mapping(address who => uint256 amount) public keeps;
    /// @notice How often policies were revoked.
    mapping(address who => uint256 count) public revoked;
    /// @notice Tokens sent to the contract without any purpose.
    uint256 public donated;

    bool private _paused;
    uint256 private _salt;

    constructor() {
        setUp();
        _clock = START;
        for (uint256 i = 0; i < BUYERS; ++i) {
            _buyers.push(vm.addr(_buyerKey(i)));
        }
        for (uint256 i = 0; i < PAYEES; ++i) {
            _payees.push(vm.addr(_payeeKey(i)));
        }
    }

    /// @dev Does nothing the second time: a campaign calls every function that it finds.
    function setUp() public override {
        if (address(escrow) == address(0)) super.setUp();
    }

    modifier inTime() {
        vm.warp(_clock);
        _;
        _observe();
    }

    // What the invariants read

    function escrowContract() external view returns (AkashEscrow) {
        return escrow;
    }

    function token() external view returns (GenerousUSDC) {
        return usdc;
    }

    function count() external view returns (uint256) {
        return _ids.length;
    }

    function idAt(uint256 index) external view returns (bytes32) {
        return _ids[index];
    }

    function time() external view returns (uint256) {
        return _clock;
    }

    function buyerAt(uint256 index) public view returns (address) {
        return _buyers[index];
    }

    function payeeAt(uint256 index) public view returns (address) {
        return _payees[index];
    }

    function feeTaker() external view returns (address) {
        return feeRecipient;
    }

    // Steps of time and environment

    function wait(uint256 seed) external inTime {
        uint256 span = seed % 5 == 0 ? seed % 3 days + 1 : seed % 900 + 1;
        for (uint256 i = 0; i < _ids.length; ++i) {
            bytes32 id = _ids[i];
            if (_status(id) != IAkashEscrow.Status.Active) continue;
            uint256 last = sign[id] + escrow.escrow(id).terms.heartbeatWindow;
            uint256 until = _clock + span < last ? _clock + span : last;
            if (until > _clock) billable[id] += until - _clock;
        }
        _clock += span;
        vm.warp(_clock);
    }

    /// @dev Pauses and denials end more often than they begin, or little would happen in a run.
    function togglePause(uint256 seed) external inTime {
        if (!_paused && seed % 4 != 0) return;
        vm.prank(pauser);
        if (_paused) escrow.unpause();
        else escrow.pause();
        _paused = !_paused;
    }

    function toggleDenial(uint256 who, uint256 seed) external inTime {
        address buyer_ = buyerAt(who % BUYERS);
        if (!usdc.denied(buyer_) && seed % 3 != 0) return;
        usdc.deny(buyer_, !usdc.denied(buyer_));
    }

    /// @dev The token's mood: mostly plain, hostile for a while.
    function changeMood(uint256 seed) external inTime {
        bool hostile = usdc.mood() == GenerousUSDC.Mood.Plain && seed % 2 == 0;
        usdc.setMood(hostile ? GenerousUSDC.Mood((seed >> 8) % 3 + 1) : GenerousUSDC.Mood.Plain);
    }

    /// @dev What a hostile token does in the middle of a transfer, whoever the caller is: the exits that are open to
    /// all.
    function rearm(uint256 which, uint256 seed) external inTime {
        (bytes32 id,, bool any) = _pick(which);
        if (!any) return;
        address somebody = payeeAt(seed % PAYEES);
        if (seed % 3 == 0) usdc.arm(address(escrow), abi.encodeCall(escrow.reclaim, (id)));
        else usdc.arm(address(escrow), abi.encodeCall(escrow.withdraw, (somebody)));
    }

    function donate(uint256 amount) external inTime {
        amount = amount % 1e9;
        usdc.give(address(escrow), amount);
        donated += amount;
    }

    // Funding

    function fundByAllowance(uint256 who, uint256 seed) external inTime {
        _fund(who, seed, false);
    }

    function fundBySignature(uint256 who, uint256 seed) external inTime {
        _fund(who, seed, true);
    }

    function fundAndActivate(uint256 who, uint256 seed) external inTime {
        uint256 count_ = _ids.length;
        _fund(who, seed, seed % 2 == 0);
        if (_ids.length > count_) _activate(_ids.length - 1, seed >> 48);
    }

    function _fund(uint256 who, uint256 seed, bool signs) private {
        if (_ids.length == MOST_ESCROWS) return;
        address buyer_ = buyerAt(who % BUYERS);
        if (usdc.denied(buyer_)) return;
        IAkashEscrow.Terms memory terms = _terms(buyer_, seed);
        bytes32 id = escrow.escrowId(terms);
        _make(buyer_, terms.deposit);
        bool works;
        if (signs) {
            bytes memory signature =
                authorization(_buyerKey(who % BUYERS), address(escrow), terms.deposit, 0, _clock + 1, id);
            works = _try(
                stranger, abi.encodeCall(escrow.fundWithAuthorization, (terms, 0, _clock + 1, signature))
            );
        } else {
            approve(buyer_, terms.deposit);
            works = _try(buyer_, abi.encodeCall(escrow.fund, (terms)));
        }
        _expect(works, !_paused && (signs ? _arrivesSigned(terms.deposit) : _arrives(terms.deposit)), "fund");
        if (!works) return;
        _ids.push(id);
        putIn[id] = terms.deposit;
        _expect(_try(buyer_, abi.encodeCall(escrow.fund, (terms))), false, "fund twice");
    }

    function keep(uint256 who, uint256 amount) external inTime {
        _keep(who, amount % 100e6);
    }

    function _keep(uint256 who, uint256 amount) private {
        address buyer_ = buyerAt(who % BUYERS);
        if (usdc.denied(buyer_)) return;
        _make(buyer_, amount);
        approve(buyer_, amount);
        bool works = _try(buyer_, abi.encodeCall(escrow.keep, (amount)));
        _expect(works, !_paused && amount != 0 && _arrives(amount), "keep");
        if (works) keeps[buyer_] += amount;
    }

    function withdrawKept(uint256 who, uint256 amount) external inTime {
        address buyer_ = buyerAt(who % BUYERS);
        amount = amount % (keeps[buyer_] + 2);
        bool works = _try(buyer_, abi.encodeCall(escrow.withdrawKept, (amount)));
        _expect(works, amount != 0 && amount <= keeps[buyer_] && _leaves(buyer_), "withdrawKept");
        if (works) keeps[buyer_] -= amount;
    }

    function revoke(uint256 who) external inTime {
        address buyer_ = buyerAt(who % BUYERS);
        _expect(_try(buyer_, abi.encodeCall(escrow.revokePolicies, ())), true, "revoke");
        revoked[buyer_] += 1;
    }

    function fundFromKept(uint256 who, uint256 seed) external inTime {
        if (_ids.length == MOST_ESCROWS) return;
        uint256 index = who % BUYERS;
        address buyer_ = buyerAt(index);
        IAkashEscrow.Terms memory terms = _terms(buyer_, seed);
        IKeptBalance.SpendPolicy memory policy = _policy(buyer_, seed >> 128);
        if (seed % 8 != 0) _keep(who, terms.deposit);
        bool allowed = !_paused && _allows(policy, terms) && _spendable(policy, terms.deposit)
            && _openByPolicy(buyer_) < policy.maxOpen && keeps[buyer_] >= terms.deposit;
        bytes memory signature = policySignature(_buyerKey(index), policy);
        bool works = _try(settler, abi.encodeCall(escrow.fundFromKept, (terms, policy, signature)));
        _expect(works, allowed, "fundFromKept");
        if (!works) return;
        bytes32 id = escrow.escrowId(terms);
        _ids.push(id);
        byPolicy[id] = true;
        orderCap[id] = policy.maxPerOrder;
        _spend(id, buyer_, terms.deposit);
    }

    function topUpFromKept(uint256 which, uint256 seed) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        IKeptBalance.SpendPolicy memory policy = _policy(terms.buyer, seed >> 128);
        uint128 amount = uint128(seed % 30e6);
        bool allowed = !_paused && amount != 0 && byPolicy[id]
            && escrow.policyOf(id) == escrow.policyDigest(policy) && policy.nonce == revoked[terms.buyer]
            && policy.expiry >= _clock && _growable(id, terms) && putIn[id] + amount <= policy.maxPerOrder
            && _spendable(policy, amount) && keeps[terms.buyer] >= amount;
        bytes memory signature = policySignature(_keyOf(terms.buyer), policy);
        bool works = _try(settler, abi.encodeCall(escrow.topUpFromKept, (id, amount, policy, signature)));
        _expect(works, allowed, "topUpFromKept");
        if (works) _spend(id, terms.buyer, amount);
    }

    function topUp(uint256 which, uint128 amount) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any || usdc.denied(terms.buyer)) return;
        amount = amount % 10e6;
        _make(terms.buyer, amount);
        approve(terms.buyer, amount);
        uint128 before = uint128(putIn[id]);
        bytes memory call = abi.encodeCall(escrow.topUp, (id, amount, before));
        bool works = _try(terms.buyer, call);
        _expect(works, !_paused && amount != 0 && _growable(id, terms) && _arrives(amount), "topUp");
        if (!works) return;
        putIn[id] += amount;
        _expect(_try(terms.buyer, call), false, "the same top-up again");
    }

    function topUpWithAuthorization(uint256 which, uint128 amount, uint256 seed) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any || usdc.denied(terms.buyer)) return;
        amount = amount % 10e6;
        _make(terms.buyer, amount);
        uint128 before = uint128(putIn[id]);
        uint256 until = _clock + 1 + seed % 1 days;
        bytes32 nonce = escrow.topUpNonce(id, amount, before);
        bytes memory signature = authorization(_keyOf(terms.buyer), address(escrow), amount, 0, until, nonce);
        // An amount other than the signed one moves nothing.
        bytes memory altered =
            abi.encodeCall(escrow.topUpWithAuthorization, (id, amount + 1, before, 0, until, signature));
        _expect(_try(stranger, altered), false, "an altered top-up");
        bytes memory call =
            abi.encodeCall(escrow.topUpWithAuthorization, (id, amount, before, 0, until, signature));
        bool works = _try(seed % 2 == 0 ? stranger : settler, call);
        _expect(
            works,
            !_paused && amount != 0 && _growable(id, terms) && _arrivesSigned(amount),
            "topUpWithAuthorization"
        );
        if (!works) return;
        putIn[id] += amount;
        _expect(_try(stranger, call), false, "the same signed top-up again");
    }

    // The operator

    function activate(uint256 which, uint256 seed) external inTime {
        _activate(which, seed);
    }

    function _activate(uint256 which, uint256 seed) private {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        uint128 rate = uint128(bound(seed, 0, uint256(terms.maxRate) + 1));
        bool allowed = !_paused && _isStream(terms) && _status(id) == IAkashEscrow.Status.Funded
            && _clock <= terms.activateBy && rate != 0 && rate <= terms.maxRate;
        bool works = _try(settler, abi.encodeCall(escrow.activate, (id, rate)));
        _expect(works, allowed, "activate");
        if (works) sign[id] = _clock;
    }

    function heartbeat(uint256 which) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        bool allowed = _status(id) == IAkashEscrow.Status.Active && _clock <= sign[id] + terms.heartbeatWindow;
        bool works = _try(settler, abi.encodeCall(escrow.heartbeat, (id)));
        _expect(works, allowed, "heartbeat");
        if (works) sign[id] = _clock;
    }

    function end(uint256 which, uint256 seed) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        uint64 endedAt = uint64(bound(seed, START, _clock + 10));
        bool allowed = _isStream(terms) && _isOpen(id) && endedAt <= _clock;
        _expect(_try(settler, abi.encodeCall(escrow.end, (id, endedAt))), allowed, "end");
    }

    // Exits

    function cancel(uint256 which) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        bool allowed = _isStream(terms) && _status(id) == IAkashEscrow.Status.Funded;
        _expect(_try(terms.buyer, abi.encodeCall(escrow.cancel, (id))), allowed, "cancel");
    }

    function close(uint256 which) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        bool allowed = _status(id) == IAkashEscrow.Status.Active;
        _expect(_try(terms.buyer, abi.encodeCall(escrow.close, (id))), allowed, "close");
    }

    function reclaim(uint256 which) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        uint256 notBefore = _isStream(terms) ? terms.activateBy : terms.timeout;
        if (_status(id) == IAkashEscrow.Status.Active) notBefore = sign[id] + terms.heartbeatWindow;
        bool allowed = _isOpen(id) && _clock > notBefore;
        _expect(_try(stranger, abi.encodeCall(escrow.reclaim, (id))), allowed, "reclaim");
    }

    function confirm(uint256 which) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        bool allowed = !_isStream(terms) && _isOpen(id);
        _expect(_try(terms.buyer, abi.encodeCall(escrow.confirm, (id))), allowed, "confirm");
    }

    function arbitrate(uint256 which, uint256 seed) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        uint128 amount = uint128(bound(seed, 0, putIn[id] + 1));
        bool allowed = !_isStream(terms) && _isOpen(id) && _clock <= terms.timeout && amount <= putIn[id];
        _expect(_try(arbiter, abi.encodeCall(escrow.arbitrate, (id, amount))), allowed, "arbitrate");
    }

    function agree(uint256 which, uint256 seed) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        uint128 amount = uint128(bound(seed, 0, putIn[id] + 1));
        bool byBuyer = seed % 2 == 0;
        bytes memory signature = agreement(_keyOf(byBuyer ? terms.payee : terms.buyer), id, amount, _clock);
        bytes memory call = abi.encodeCall(escrow.settleByAgreement, (id, amount, _clock, signature));
        bool allowed = !_isStream(terms) && _isOpen(id) && amount <= putIn[id];
        _expect(_try(byBuyer ? terms.buyer : terms.payee, call), allowed, "agree");
    }

    function withdraw(uint256 seed) external inTime {
        address who =
            seed % 3 == 0 ? feeRecipient : seed % 3 == 1 ? payeeAt(seed % PAYEES) : buyerAt(seed % BUYERS);
        bool owed = escrow.credit(who) != 0;
        uint256 before = usdc.balanceOf(who);
        uint256 credit = escrow.credit(who);
        bool works = _try(stranger, abi.encodeCall(escrow.withdraw, (who)));
        _expect(works, owed && _leaves(who), "withdraw");
        if (works) {
            uint256 paid = credit - usdc.feeOn(credit);
            vm.assertEq(usdc.balanceOf(who), before + paid, "a withdrawal pays the credit");
            _expect(_try(stranger, abi.encodeCall(escrow.withdraw, (who))), false, "withdraw twice");
        }
    }

    // Outsiders

    function trespass(uint256 which, uint256 seed) external inTime {
        (bytes32 id, IAkashEscrow.Terms memory terms, bool any) = _pick(which);
        if (!any) return;
        IKeptBalance.SpendPolicy memory policy = _policy(terms.buyer, seed);
        bytes memory forged = policySignature(PAYEE_KEY, policy);
        bytes[] memory calls = new bytes[](14);
        calls[0] = abi.encodeCall(escrow.cancel, (id));
        calls[1] = abi.encodeCall(escrow.close, (id));
        calls[2] = abi.encodeCall(escrow.topUp, (id, 1, uint128(putIn[id])));
        calls[3] = abi.encodeCall(escrow.confirm, (id));
        calls[4] = abi.encodeCall(escrow.arbitrate, (id, 0));
        calls[5] = abi.encodeCall(escrow.activate, (id, 1));
        calls[6] = abi.encodeCall(escrow.heartbeat, (id));
        calls[7] = abi.encodeCall(escrow.end, (id, uint64(START)));
        calls[8] = abi.encodeCall(escrow.pause, ());
        calls[9] = abi.encodeCall(escrow.fundFromKept, (terms, policy, forged));
        calls[10] = abi.encodeCall(escrow.topUpFromKept, (id, 1, policy, forged));
        calls[11] = abi.encodeCall(escrow.withdrawKept, (1));
        calls[12] = abi.encodeCall(escrow.settleByAgreement, (id, 0, _clock, forged));
        calls[13] = abi.encodeCall(escrow.fund, (terms));
        _expect(_try(stranger, calls[seed % calls.length]), false, "a stranger");
        // The operator holds no key to any buyer's money either: a policy the buyer did not sign spends nothing.
        _expect(_try(settler, calls[9 + seed % 2]), false, "an operator with a forged policy");
    }

    // Books

    function _observe() private {
        for (uint256 i = 0; i < _ids.length; ++i) {
            bytes32 id = _ids[i];
            uint256 status = uint256(_status(id));
            vm.assertGe(status, furthest[id]);
            furthest[id] = status;
            if (status == uint256(IAkashEscrow.Status.Closed) && closedAs[id] == 0) {
                closedAs[id] = keccak256(abi.encode(escrow.escrow(id)));
            }
        }
    }

    function _spend(bytes32 id, address buyer_, uint256 amount) private {
        putIn[id] += amount;
        keeps[buyer_] -= amount;
        spent[buyer_][_clock / 1 days] += amount;
    }

    function _make(address who, uint256 amount) private {
        usdc.give(who, amount);
        made[who] += amount;
    }

    function _try(address who, bytes memory call) private returns (bool works) {
        vm.prank(who);
        (works,) = address(escrow).call(call);
    }

    function _expect(bool works, bool allowed, string memory what) private pure {
        if (works && !allowed) vm.assertTrue(false, string.concat(what, " worked and must not"));
        if (!works && allowed) vm.assertTrue(false, string.concat(what, " failed and must not"));
    }

    function _pick(uint256 which)
        private
        view
        returns (bytes32 id, IAkashEscrow.Terms memory terms, bool any)
    {
        if (_ids.length == 0) {
            return (0, terms, false);
        }
        id = _ids[which % _ids.length];
        return (id, escrow.escrow(id).terms, true);
    }

    function _status(bytes32 id) private view returns (IAkashEscrow.Status) {
        return escrow.escrow(id).status;
    }

    function _isOpen(bytes32 id) private view returns (bool) {
        return _status(id) == IAkashEscrow.Status.Funded || _status(id) == IAkashEscrow.Status.Active;
    }

    function _isStream(IAkashEscrow.Terms memory terms) private pure returns (bool) {
        return terms.mode == IAkashEscrow.Mode.Stream;
    }

    function _growable(bytes32 id, IAkashEscrow.Terms memory terms) private view returns (bool) {
        if (!_isStream(terms)) return false;
        if (_status(id) == IAkashEscrow.Status.Funded) return _clock <= terms.activateBy;
        return _status(id) == IAkashEscrow.Status.Active && _clock <= sign[id] + terms.heartbeatWindow;
    }

    function _openByPolicy(address buyer_) private view returns (uint256 open) {
        for (uint256 i = 0; i < _ids.length; ++i) {
            bytes32 id = _ids[i];
            if (byPolicy[id] && _isOpen(id) && escrow.escrow(id).terms.buyer == buyer_) open += 1;
        }
    }

    function _allows(IKeptBalance.SpendPolicy memory policy, IAkashEscrow.Terms memory terms)
        private
        view
        returns (bool)
    {
        return policy.nonce == revoked[terms.buyer] && policy.expiry >= _clock && _isStream(terms)
            && (terms.payee == policy.payees[0]) && terms.maxRate <= policy.maxRate
            && terms.feeBps <= policy.maxFeeBps && terms.heartbeatWindow <= policy.maxHeartbeatWindow
            && terms.deposit <= policy.maxPerOrder
            && uint256(terms.deposit) * SCALE / terms.maxRate >= policy.minRunTime;
    }

    /// @dev Whether the whole amount arrives at the contract by allowance.
    function _arrives(uint256 amount) private view returns (bool) {
        return usdc.mood() != GenerousUSDC.Mood.ReturnsFalse && usdc.feeOn(amount) == 0;
    }

    /// @dev The same by signature, which does not go through `transferFrom`.
    function _arrivesSigned(uint256 amount) private view returns (bool) {
        return usdc.feeOn(amount) == 0;
    }

    /// @dev Whether the token allows a payment to this account.
    function _leaves(address who) private view returns (bool) {
        return usdc.mood() != GenerousUSDC.Mood.ReturnsFalse && !usdc.denied(who);
    }

    function _spendable(IKeptBalance.SpendPolicy memory policy, uint256 amount) private view returns (bool) {
        return spent[policy.buyer][_clock / 1 days] + amount <= policy.maxPerDay;
    }

    // Orders and policies

    function _terms(address buyer_, uint256 seed) private returns (IAkashEscrow.Terms memory terms) {
        bool stream = seed % 4 != 0;
        terms = IAkashEscrow.Terms({
            mode: stream ? IAkashEscrow.Mode.Stream : IAkashEscrow.Mode.Completion,
            buyer: buyer_,
            payee: payeeAt((seed >> 8) % PAYEES),
            deposit: uint128((seed >> 16) % 25e6 + 1),
            maxRate: stream ? uint128((seed >> 48) % 2e16 + 1) : 0,
            activateBy: stream ? uint64(_clock + (seed >> 80) % 2000) : 0,
            heartbeatWindow: stream ? uint64((seed >> 96) % 1200 + 1) : 0,
            feeBps: uint16((seed >> 112) % 2001),
            orderHash: bytes32(seed),
            salt: bytes32(++_salt),
            arbiter: stream ? address(0) : arbiter,
            timeout: stream ? 0 : uint64(_clock + (seed >> 80) % 5000)
        });
    }

    /// @dev One of a few dozen policies, so that a top-up often uses the one that funded the order.
    function _policy(address buyer_, uint256 seed)
        private
        view
        returns (IKeptBalance.SpendPolicy memory policy)
    {
        address[] memory payees = new address[](1);
        payees[0] = payeeAt(seed % PAYEES);
        bool tight = (seed >> 8) % 4 == 0;
        policy = IKeptBalance.SpendPolicy({
            buyer: buyer_,
            payees: payees,
            maxRate: tight ? 1e16 : 2e16,
            maxFeeBps: tight ? 1000 : 2000,
            minRunTime: tight ? 600 : 0,
            maxHeartbeatWindow: tight ? 600 : 1200,
            maxPerOrder: tight ? 10e6 : 26e6,
            maxPerDay: tight ? 12e6 : 60e6,
            maxOpen: (seed >> 8) % 4 == 1 ? 1 : 4,
            expiry: uint64(START + 2 days),
            nonce: revoked[buyer_] + ((seed >> 16) % 16 == 0 ? 1 : 0)
        });
    }

    function _buyerKey(uint256 index) private pure returns (uint256) {
        return 0xb000 + index;
    }

    function _payeeKey(uint256 index) private pure returns (uint256) {
        return 0xfe00 + index;
    }

    function _keyOf(address who) private view returns (uint256) {
        for (uint256 i = 0; i < BUYERS; ++i) {
            if (buyerAt(i) == who) return _buyerKey(i);
        }
        for (uint256 i = 0; i < PAYEES; ++i) {
            if (payeeAt(i) == who) return _payeeKey(i);
        }
        revert("nobody's address");
    }
}
