// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { KeptBalance } from "./KeptBalance.sol";
import { IAkashEscrow } from "./interfaces/IAkashEscrow.sol";
import { Accrual } from "./libraries/Accrual.sol";

/// @title AkashEscrow
/// @notice See {IAkashEscrow}. Immutable; no role can move a buyer's money anywhere but to the payee, at no more
/// than the rate and for no longer than the time the buyer agreed to.
contract AkashEscrow is IAkashEscrow, KeptBalance, AccessControlDefaultAdminRules {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev {EscrowView} in another order, so that a stream's clock shares a slot with its status.
    struct Ledger {
        Terms terms;
        uint128 deposited;
        uint128 rate;
        uint64 activatedAt;
        uint64 lastSignOfLife;
        uint64 checkpoint;
        Status status;
        uint192 accruedScaled;
        uint64 endedAt;
        uint128 released;
        uint128 refunded;
    }

    /// @inheritdoc IAkashEscrow
    bytes32 public constant SETTLER_ROLE = keccak256("SETTLER_ROLE");

    /// @inheritdoc IAkashEscrow
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @inheritdoc IAkashEscrow
    uint16 public constant MAX_FEE_BPS = 2_000;

    bytes32 private constant _AGREEMENT_TYPEHASH =
        keccak256("Agreement(bytes32 id,uint128 toPayee,uint256 deadline)");

    /// @dev Keeps these nonces apart from escrow ids and {KeptBalance}'s, which are hashes of other shapes.
    bytes32 private constant _TOP_UP_TAG = keccak256("AkashEscrow.topUp");

    /// @inheritdoc IAkashEscrow
    address public immutable feeRecipient;

    /// @inheritdoc IAkashEscrow
    mapping(address who => uint256 amount) public credit;

    mapping(bytes32 id => Ledger ledger) private _ledgers;

    /// @param token_ What everything is paid in.
    /// @param admin Who grants roles.
    /// @param settler The operator.
    /// @param pauser Who may pause.
    /// @param feeRecipient_ Who receives the fees.
    /// @param adminDelay How long a change of admin must be announced, in seconds.
    constructor(
        IERC20 token_,
        address admin,
        address settler,
        address pauser,
        address feeRecipient_,
        uint48 adminDelay
    ) KeptBalance(token_) AccessControlDefaultAdminRules(adminDelay, admin) {
        if (address(token_) == address(0) || settler == address(0) || pauser == address(0)) {
            revert AkashEscrow_ZeroAddress();
        }
        if (feeRecipient_ == address(0)) revert AkashEscrow_ZeroAddress();
        feeRecipient = feeRecipient_;
        _grantRole(SETTLER_ROLE, settler);
        _grantRole(PAUSER_ROLE, pauser);
    }

    /// @inheritdoc IAkashEscrow
    function fund(Terms calldata terms) external nonReentrant whenNotPaused returns (bytes32 id) {
        id = _openByBuyer(terms);
        _pull(terms.buyer, terms.deposit);
    }

    /// @inheritdoc IAkashEscrow
    function fundWithPermit(Terms calldata terms, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
        whenNotPaused
        returns (bytes32 id)
    {
        id = _openByBuyer(terms);
        // A permit is public: whoever submits it first must not be able to stop the buyer, so a failure counts only
        // if the allowance is missing, which the transfer finds out.
        try IERC20Permit(address(token))
            .permit(terms.buyer, address(this), terms.deposit, deadline, v, r, s) { }
            catch { }
        _pull(terms.buyer, terms.deposit);
    }

    /// @inheritdoc IAkashEscrow
    function fundWithAuthorization(
        Terms calldata terms,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external nonReentrant whenNotPaused returns (bytes32 id) {
        id = _open(terms);
        _receive(terms.buyer, terms.deposit, validAfter, validBefore, id, signature);
    }

    /// @inheritdoc IAkashEscrow
    function fundFromKept(Terms calldata terms, SpendPolicy calldata policy, bytes calldata signature)
        external
        nonReentrant
        whenNotPaused
        onlyRole(SETTLER_ROLE)
        returns (bytes32 id)
    {
        id = _open(terms);
        _spendOnOrder(id, terms, policy, signature);
    }

    /// @inheritdoc IAkashEscrow
    function activate(bytes32 id, uint128 rate) external whenNotPaused onlyRole(SETTLER_ROLE) {
        Ledger storage ledger = _stream(id);
        _require(id, ledger, Status.Funded);
        Terms storage terms = ledger.terms;
        if (block.timestamp > terms.activateBy) revert AkashEscrow_TooLate(terms.activateBy);
        if (rate == 0 || rate > terms.maxRate) revert AkashEscrow_RateOutOfRange(rate, terms.maxRate);

        uint64 nowAt = _now();
        ledger.status = Status.Active;
        ledger.rate = rate;
        ledger.activatedAt = nowAt;
        ledger.lastSignOfLife = nowAt;
        ledger.checkpoint = nowAt;
        emit Activated(id, rate, nowAt);
    }

    /// @inheritdoc IAkashEscrow
    function heartbeat(bytes32 id) external onlyRole(SETTLER_ROLE) {
        Ledger storage ledger = _stream(id);
        _require(id, ledger, Status.Active);
        _requireAlive(id, ledger);

        _accrue(ledger);
        ledger.lastSignOfLife = _now();
        emit Heartbeat(id, ledger.accruedScaled, _now());
    }

    /// @inheritdoc IAkashEscrow
    function topUp(bytes32 id, uint128 amount, uint128 deposited) external nonReentrant whenNotPaused {
        Ledger storage ledger = _stream(id);
        _requireBuyer(ledger);
        _requireDeposited(id, ledger, deposited);
        _grow(id, ledger, amount);
        _pull(msg.sender, amount);
    }

    /// @inheritdoc IAkashEscrow
    function topUpWithAuthorization(
        bytes32 id,
        uint128 amount,
        uint128 deposited,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external nonReentrant whenNotPaused {
        Ledger storage ledger = _stream(id);
        _requireDeposited(id, ledger, deposited);
        _grow(id, ledger, amount);
        bytes32 nonce = topUpNonce(id, amount, deposited);
        _receive(ledger.terms.buyer, amount, validAfter, validBefore, nonce, signature);
    }

    /// @inheritdoc IAkashEscrow
    function topUpFromKept(bytes32 id, uint128 amount, SpendPolicy calldata policy, bytes calldata signature)
        external
        nonReentrant
        whenNotPaused
        onlyRole(SETTLER_ROLE)
    {
        Ledger storage ledger = _stream(id);
        _spendOnTopUp(id, ledger.deposited, amount, policy, signature);
        _grow(id, ledger, amount);
    }

    /// @inheritdoc IAkashEscrow
    function cancel(bytes32 id) external nonReentrant {
        Ledger storage ledger = _stream(id);
        _requireBuyer(ledger);
        _require(id, ledger, Status.Funded);
        _settle(id, ledger, Reason.Cancelled, 0, _now());
    }

    /// @inheritdoc IAkashEscrow
    function close(bytes32 id) external nonReentrant {
        Ledger storage ledger = _stream(id);
        _requireBuyer(ledger);
        _require(id, ledger, Status.Active);
        _settleAsAccrued(id, ledger, Reason.ClosedByBuyer);
    }

    /// @inheritdoc IAkashEscrow
    function end(bytes32 id, uint64 endedAt) external nonReentrant onlyRole(SETTLER_ROLE) {
        Ledger storage ledger = _stream(id);
        if (endedAt > block.timestamp) revert AkashEscrow_EndInFuture(endedAt);
        if (ledger.status == Status.Funded) {
            _settle(id, ledger, Reason.EndedByOperator, 0, _now());
            return;
        }
        _require(id, ledger, Status.Active);
        _accrue(ledger);
        uint64 activatedAt = ledger.activatedAt;
        uint256 owed = Accrual.owedAt(ledger.accruedScaled, ledger.rate, activatedAt, endedAt);
        uint64 stop = endedAt < activatedAt ? activatedAt : endedAt;
        _settle(id, ledger, Reason.EndedByOperator, Accrual.floored(owed).toUint128(), stop);
    }

    /// @inheritdoc IAkashEscrow
    function reclaim(bytes32 id) external nonReentrant {
        Ledger storage ledger = _existing(id);
        if (ledger.status == Status.Active) {
            _requirePast(_silentAfter(ledger));
            _settleAsAccrued(id, ledger, Reason.Silent);
            return;
        }
        _require(id, ledger, Status.Funded);
        if (ledger.terms.mode == Mode.Stream) {
            _requirePast(ledger.terms.activateBy);
            _settle(id, ledger, Reason.NotActivated, 0, _now());
        } else {
            _requirePast(ledger.terms.timeout);
            _settle(id, ledger, Reason.TimedOut, 0, _now());
        }
    }

    /// @inheritdoc IAkashEscrow
    function confirm(bytes32 id) external nonReentrant {
        Ledger storage ledger = _openCompletion(id);
        _requireBuyer(ledger);
        _settle(id, ledger, Reason.Confirmed, ledger.deposited, _now());
    }

    /// @inheritdoc IAkashEscrow
    function settleByAgreement(bytes32 id, uint128 toPayee, uint256 deadline, bytes calldata signature)
        external
        nonReentrant
    {
        Ledger storage ledger = _openCompletion(id);
        address other = _otherParty(ledger);
        if (block.timestamp > deadline) revert AkashEscrow_AgreementExpired(deadline);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(_AGREEMENT_TYPEHASH, id, toPayee, deadline)));
        if (!SignatureChecker.isValidSignatureNowCalldata(other, digest, signature)) {
            revert AkashEscrow_InvalidSignature();
        }
        _split(id, ledger, Reason.Agreed, toPayee);
    }

    /// @inheritdoc IAkashEscrow
    function arbitrate(bytes32 id, uint128 toPayee) external nonReentrant {
        Ledger storage ledger = _openCompletion(id);
        if (msg.sender != ledger.terms.arbiter) revert AkashEscrow_NotArbiter(msg.sender);
        if (block.timestamp > ledger.terms.timeout) revert AkashEscrow_TooLate(ledger.terms.timeout);
        _split(id, ledger, Reason.Arbitrated, toPayee);
    }

    /// @inheritdoc IAkashEscrow
    function withdraw(address who) external nonReentrant {
        uint256 amount = credit[who];
        if (amount == 0) revert AkashEscrow_NoCredit(who);
        credit[who] = 0;
        emit Withdrawn(who, amount);
        token.safeTransfer(who, amount);
    }

    /// @inheritdoc IAkashEscrow
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc IAkashEscrow
    function unpause() external onlyRole(PAUSER_ROLE) {
        _unpause();
    }

    /// @inheritdoc IAkashEscrow
    function escrowId(Terms calldata terms) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), terms));
    }

    /// @inheritdoc IAkashEscrow
    function topUpNonce(bytes32 id, uint128 amount, uint128 deposited) public view returns (bytes32) {
        return keccak256(abi.encode(_TOP_UP_TAG, block.chainid, address(this), id, amount, deposited));
    }

    /// @inheritdoc IAkashEscrow
    function escrow(bytes32 id) external view returns (EscrowView memory) {
        Ledger storage ledger = _ledgers[id];
        return EscrowView({
            status: ledger.status,
            terms: ledger.terms,
            deposited: ledger.deposited,
            rate: ledger.rate,
            activatedAt: ledger.activatedAt,
            lastSignOfLife: ledger.lastSignOfLife,
            checkpoint: ledger.checkpoint,
            accruedScaled: ledger.accruedScaled,
            released: ledger.released,
            refunded: ledger.refunded,
            endedAt: ledger.endedAt
        });
    }

    /// @inheritdoc IAkashEscrow
    function balanceOf(bytes32 id) external view returns (uint128) {
        Ledger storage ledger = _ledgers[id];
        return ledger.deposited - ledger.released - ledger.refunded;
    }

    /// @inheritdoc IAkashEscrow
    function accrued(bytes32 id) public view returns (uint128) {
        Ledger storage ledger = _ledgers[id];
        if (ledger.status == Status.Closed) return ledger.released;
        return Accrual.floored(_accruedNow(ledger)).toUint128();
    }

    /// @inheritdoc IAkashEscrow
    function refundable(bytes32 id) external view returns (uint128) {
        Ledger storage ledger = _ledgers[id];
        if (ledger.status == Status.Closed) return 0;
        return ledger.deposited - accrued(id);
    }

    /// @inheritdoc IAkashEscrow
    function runsOutAt(bytes32 id) external view returns (uint64) {
        Ledger storage ledger = _ledgers[id];
        if (ledger.status != Status.Active) return 0;
        uint256 at = Accrual.runsOutAt(ledger.accruedScaled, ledger.rate, ledger.checkpoint, ledger.deposited);
        return at > type(uint64).max ? type(uint64).max : at.toUint64();
    }

    function _openByBuyer(Terms calldata terms) private returns (bytes32) {
        if (msg.sender != terms.buyer) revert AkashEscrow_NotBuyer(msg.sender);
        return _open(terms);
    }

    function _open(Terms calldata terms) private returns (bytes32 id) {
        _checkTerms(terms);
        id = escrowId(terms);
        Ledger storage ledger = _ledgers[id];
        if (ledger.status != Status.None) revert AkashEscrow_AlreadyFunded(id);
        ledger.terms = terms;
        ledger.deposited = terms.deposit;
        ledger.status = Status.Funded;
        emit Funded(id, terms.buyer, terms.payee, terms);
    }

    function _checkTerms(Terms calldata terms) private view {
        if (terms.buyer == address(0)) revert AkashEscrow_InvalidTerms("buyer");
        if (terms.payee == address(0) || terms.payee == address(this) || terms.payee == terms.buyer) {
            revert AkashEscrow_InvalidTerms("payee");
        }
        if (terms.deposit == 0) revert AkashEscrow_InvalidTerms("deposit");
        if (terms.feeBps > MAX_FEE_BPS) revert AkashEscrow_InvalidTerms("feeBps");
        bool streams = terms.mode == Mode.Stream;
        if ((terms.maxRate == 0) == streams) revert AkashEscrow_InvalidTerms("maxRate");
        if ((terms.heartbeatWindow == 0) == streams) revert AkashEscrow_InvalidTerms("heartbeatWindow");
        if (streams) {
            if (terms.activateBy < block.timestamp) revert AkashEscrow_InvalidTerms("activateBy");
            if (terms.arbiter != address(0)) revert AkashEscrow_InvalidTerms("arbiter");
            if (terms.timeout != 0) revert AkashEscrow_InvalidTerms("timeout");
        } else {
            if (terms.activateBy != 0) revert AkashEscrow_InvalidTerms("activateBy");
            if (terms.arbiter == address(0) || terms.arbiter == terms.buyer || terms.arbiter == terms.payee) {
                revert AkashEscrow_InvalidTerms("arbiter");
            }
            if (terms.timeout < block.timestamp) revert AkashEscrow_InvalidTerms("timeout");
        }
    }

    function _grow(bytes32 id, Ledger storage ledger, uint128 amount) private {
        if (amount == 0) revert AkashEscrow_ZeroAmount();
        if (ledger.status == Status.Active) {
            _requireAlive(id, ledger);
            // What accrued before is settled against the deposit of before: a gap after depletion stays free.
            _accrue(ledger);
        } else {
            _require(id, ledger, Status.Funded);
            uint64 activateBy = ledger.terms.activateBy;
            if (block.timestamp > activateBy) revert AkashEscrow_TooLate(activateBy);
        }
        uint256 deposited = uint256(ledger.deposited) + amount;
        if (deposited > type(uint128).max) revert AkashEscrow_DepositTooLarge();
        ledger.deposited = deposited.toUint128();
        emit ToppedUp(id, ledger.terms.buyer, amount);
    }

    function _accrue(Ledger storage ledger) private {
        ledger.accruedScaled = _accruedNow(ledger).toUint192();
        ledger.checkpoint = _now();
    }

    function _settleAsAccrued(bytes32 id, Ledger storage ledger, Reason reason) private {
        _accrue(ledger);
        uint128 owed = Accrual.floored(ledger.accruedScaled).toUint128();
        _settle(id, ledger, reason, owed, _billableUntil(ledger).toUint64());
    }

    function _split(bytes32 id, Ledger storage ledger, Reason reason, uint128 toPayee) private {
        if (toPayee > ledger.deposited) revert AkashEscrow_SplitTooLarge(toPayee, ledger.deposited);
        _settle(id, ledger, reason, toPayee, _now());
    }

    /// @dev The only way out of an escrow: everything it holds goes to the payee, the fee recipient and the buyer.
    function _settle(bytes32 id, Ledger storage ledger, Reason reason, uint128 owed, uint64 endedAt) private {
        address buyer = ledger.terms.buyer;
        uint128 refund = ledger.deposited - owed;
        uint128 fee = Accrual.feeOf(owed, ledger.terms.feeBps).toUint128();

        ledger.status = Status.Closed;
        ledger.released = owed;
        ledger.refunded = refund;
        ledger.endedAt = endedAt;
        _freeSlot(id, buyer);
        emit Closed(id, reason, owed, fee, refund, endedAt);
        _addCredit(ledger.terms.payee, owed - fee);
        _addCredit(feeRecipient, fee);
        // A token that refuses the buyer must not keep the escrow open: what it refuses becomes a credit.
        if (refund != 0 && !token.trySafeTransfer(buyer, refund)) _addCredit(buyer, refund);
    }

    function _addCredit(address who, uint256 amount) private {
        if (amount == 0) return;
        credit[who] += amount;
        emit Credited(who, amount);
    }

    function _existing(bytes32 id) private view returns (Ledger storage ledger) {
        ledger = _ledgers[id];
        if (ledger.status == Status.None) revert AkashEscrow_WrongStatus(id, Status.None);
    }

    function _stream(bytes32 id) private view returns (Ledger storage ledger) {
        ledger = _existing(id);
        if (ledger.terms.mode != Mode.Stream) revert AkashEscrow_WrongMode(id, ledger.terms.mode);
    }

    function _openCompletion(bytes32 id) private view returns (Ledger storage ledger) {
        ledger = _existing(id);
        if (ledger.terms.mode != Mode.Completion) revert AkashEscrow_WrongMode(id, ledger.terms.mode);
        _require(id, ledger, Status.Funded);
    }

    function _require(bytes32 id, Ledger storage ledger, Status status) private view {
        if (ledger.status != status) revert AkashEscrow_WrongStatus(id, ledger.status);
    }

    function _requireBuyer(Ledger storage ledger) private view {
        if (msg.sender != ledger.terms.buyer) revert AkashEscrow_NotBuyer(msg.sender);
    }

    function _requireDeposited(bytes32 id, Ledger storage ledger, uint128 deposited) private view {
        if (ledger.deposited != deposited) revert AkashEscrow_DepositChanged(id, ledger.deposited);
    }

    function _requireAlive(bytes32 id, Ledger storage ledger) private view {
        uint256 silentAfter = _silentAfter(ledger);
        if (block.timestamp > silentAfter) revert AkashEscrow_Silent(id, silentAfter);
    }

    function _requirePast(uint256 moment) private view {
        if (block.timestamp <= moment) revert AkashEscrow_TooEarly(moment);
    }

    function _otherParty(Ledger storage ledger) private view returns (address) {
        if (msg.sender == ledger.terms.buyer) return ledger.terms.payee;
        if (msg.sender == ledger.terms.payee) return ledger.terms.buyer;
        revert AkashEscrow_NotParty(msg.sender);
    }

    function _accruedNow(Ledger storage ledger) private view returns (uint256) {
        return Accrual.advance(
            ledger.accruedScaled, ledger.rate, ledger.checkpoint, _billableUntil(ledger), ledger.deposited
        );
    }

    function _billableUntil(Ledger storage ledger) private view returns (uint256) {
        return Accrual.billableUntil(block.timestamp, ledger.lastSignOfLife, ledger.terms.heartbeatWindow);
    }

    function _silentAfter(Ledger storage ledger) private view returns (uint256) {
        return uint256(ledger.lastSignOfLife) + ledger.terms.heartbeatWindow;
    }

    function _now() private view returns (uint64) {
        return block.timestamp.toUint64();
    }
}
