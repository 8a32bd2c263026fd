// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IKeptBalance } from "./IKeptBalance.sol";

/// @title Akash escrow
/// @notice Holds a buyer's deposit and pays for it by the second (Stream) or on completion (Completion). The buyer
/// signs the terms whole; an escrow's id is their hash, so nobody can change them afterwards.
/// @dev Amounts are micro-USDC. Rates are 1e-12 micro-USDC per second; what accrues keeps that scale and is floored
/// once, when it is paid. Times are Unix seconds.
interface IAkashEscrow is IKeptBalance {
    /// @notice How the deposit is earned.
    /// @custom:value Stream By the second, between activation and end.
    /// @custom:value Completion All or in part, when the buyer, both parties or the arbiter say so.
    enum Mode {
        Stream,
        Completion
    }

    /// @notice Where an escrow stands. It only ever moves forward, and Closed is final.
    /// @custom:value None Never funded.
    /// @custom:value Funded Holds the deposit; a stream has not started.
    /// @custom:value Active A stream accrues.
    /// @custom:value Closed Everything has been given out.
    enum Status {
        None,
        Funded,
        Active,
        Closed
    }

    /// @notice Why an escrow was closed.
    /// @custom:value Cancelled By the buyer, before activation.
    /// @custom:value ClosedByBuyer By the buyer, after activation.
    /// @custom:value EndedByOperator By the operator, at the moment the lease ended.
    /// @custom:value NotActivated By anyone, after activate-by passed unused.
    /// @custom:value Silent By anyone, after the operator was silent for longer than the heartbeat window.
    /// @custom:value Confirmed The buyer confirmed completion.
    /// @custom:value Agreed Buyer and payee agreed on a split.
    /// @custom:value Arbitrated The arbiter split.
    /// @custom:value TimedOut By anyone, after a completion's timeout.
    enum Reason {
        Cancelled,
        ClosedByBuyer,
        EndedByOperator,
        NotActivated,
        Silent,
        Confirmed,
        Agreed,
        Arbitrated,
        TimedOut
    }

    /// @notice What the buyer agrees to. Fields that the mode does not use are zero.
    /// @param mode How the deposit is earned.
    /// @param buyer Who pays, and receives every refund.
    /// @param payee Who is paid.
    /// @param deposit The first deposit.
    /// @param maxRate Stream: the highest rate the operator may activate at.
    /// @param activateBy Stream: the last second in which the operator may activate.
    /// @param heartbeatWindow Stream: how long the operator may be silent before nothing accrues any more, in seconds.
    /// @param feeBps The fee, in hundredths of a per cent of what the payee gets, taken out of it.
    /// @param orderHash The hash of the order that this pays for.
    /// @param salt Makes two escrows of equal terms differ.
    /// @param arbiter Completion: who may split between buyer and payee.
    /// @param timeout Completion: after this second everything may go back to the buyer.
    struct Terms {
        Mode mode;
        address buyer;
        address payee;
        uint128 deposit;
        uint128 maxRate;
        uint64 activateBy;
        uint64 heartbeatWindow;
        uint16 feeBps;
        bytes32 orderHash;
        bytes32 salt;
        address arbiter;
        uint64 timeout;
    }

    /// @notice Everything stored about an escrow.
    /// @param status Where it stands.
    /// @param terms What was agreed.
    /// @param deposited The deposit and all top-ups.
    /// @param rate The rate it was activated at; zero before.
    /// @param activatedAt When it was activated; zero before.
    /// @param lastSignOfLife The last heartbeat or the activation; zero before.
    /// @param checkpoint Up to when `accruedScaled` counts; zero before activation.
    /// @param accruedScaled What had accrued at the checkpoint, in 1e-12 micro-USDC.
    /// @param released What left for the payee and the fee recipient together.
    /// @param refunded What left for the buyer.
    /// @param endedAt When it ended; zero while open.
    struct EscrowView {
        Status status;
        Terms terms;
        uint128 deposited;
        uint128 rate;
        uint64 activatedAt;
        uint64 lastSignOfLife;
        uint64 checkpoint;
        uint256 accruedScaled;
        uint128 released;
        uint128 refunded;
        uint64 endedAt;
    }

    /// @notice The terms cannot be funded because of this field.
    /// @param field The field's name, as in {Terms}.
    error AkashEscrow_InvalidTerms(string field);

    /// @notice An escrow of these terms exists already.
    /// @param id The escrow.
    error AkashEscrow_AlreadyFunded(bytes32 id);

    /// @notice The escrow is not in a status that allows this.
    /// @param id The escrow.
    /// @param status Its status.
    error AkashEscrow_WrongStatus(bytes32 id, Status status);

    /// @notice The escrow's mode does not know this operation.
    /// @param id The escrow.
    /// @param mode Its mode.
    error AkashEscrow_WrongMode(bytes32 id, Mode mode);

    /// @notice Only the escrow's buyer may do this.
    /// @param caller Who tried.
    error AkashEscrow_NotBuyer(address caller);

    /// @notice Only the escrow's arbiter may do this.
    /// @param caller Who tried.
    error AkashEscrow_NotArbiter(address caller);

    /// @notice Only the buyer or the payee may do this.
    /// @param caller Who tried.
    error AkashEscrow_NotParty(address caller);

    /// @notice The signature is not the one that is needed.
    error AkashEscrow_InvalidSignature();

    /// @notice The signed agreement is no longer valid.
    /// @param deadline The last second in which it was.
    error AkashEscrow_AgreementExpired(uint256 deadline);

    /// @notice The rate is zero or higher than the buyer agreed to.
    /// @param rate The rate asked for.
    /// @param maxRate The highest rate agreed to.
    error AkashEscrow_RateOutOfRange(uint128 rate, uint128 maxRate);

    /// @notice It is too late for this.
    /// @param deadline The last second in which it was possible.
    error AkashEscrow_TooLate(uint256 deadline);

    /// @notice It is too early for this.
    /// @param notBefore The last second in which it is not yet possible.
    error AkashEscrow_TooEarly(uint256 notBefore);

    /// @notice The operator has been silent for longer than the heartbeat window: nothing accrues any more.
    /// @param id The escrow.
    /// @param silentSince The second after which nothing accrued.
    error AkashEscrow_Silent(bytes32 id, uint256 silentSince);

    /// @notice A lease cannot end in the future.
    /// @param endedAt The end that was given.
    error AkashEscrow_EndInFuture(uint64 endedAt);

    /// @notice The split gives out more than the escrow holds.
    /// @param amount What was to be given to the payee.
    /// @param held What the escrow holds.
    error AkashEscrow_SplitTooLarge(uint128 amount, uint128 held);

    /// @notice The deposit and the top-ups together exceed what an escrow can hold.
    error AkashEscrow_DepositTooLarge();

    /// @notice A top-up was meant for another deposit: the same one came before, or another did.
    /// @param id The escrow.
    /// @param deposited What was put in by now.
    error AkashEscrow_DepositChanged(bytes32 id, uint128 deposited);

    /// @notice There is no credit to withdraw.
    /// @param who Whose credit.
    error AkashEscrow_NoCredit(address who);

    /// @notice An address that must not be zero is.
    error AkashEscrow_ZeroAddress();

    /// @notice An escrow was funded.
    /// @param id The escrow.
    /// @param buyer Who pays.
    /// @param payee Who will be paid.
    /// @param terms What was agreed.
    event Funded(bytes32 indexed id, address indexed buyer, address indexed payee, Terms terms);

    /// @notice A stream started.
    /// @param id The escrow.
    /// @param rate At what rate.
    /// @param at When.
    event Activated(bytes32 indexed id, uint128 rate, uint64 at);

    /// @notice The operator gave a sign of life.
    /// @param id The escrow.
    /// @param accruedScaled What has accrued, in 1e-12 micro-USDC.
    /// @param at When.
    event Heartbeat(bytes32 indexed id, uint256 accruedScaled, uint64 at);

    /// @notice An escrow's deposit grew.
    /// @param id The escrow.
    /// @param from Whose money it is.
    /// @param amount By how much.
    event ToppedUp(bytes32 indexed id, address indexed from, uint128 amount);

    /// @notice An escrow was closed and everything in it given out.
    /// @param id The escrow.
    /// @param reason Why.
    /// @param released What the payee and the fee recipient got together.
    /// @param fee How much of it the fee recipient got.
    /// @param refunded What the buyer got.
    /// @param endedAt Until when was paid at most.
    event Closed(
        bytes32 indexed id, Reason reason, uint128 released, uint128 fee, uint128 refunded, uint64 endedAt
    );

    /// @notice Somebody can withdraw more than before.
    /// @param who Who.
    /// @param amount By how much.
    event Credited(address indexed who, uint256 amount);

    /// @notice A credit was paid.
    /// @param who To whom.
    /// @param amount How much.
    event Withdrawn(address indexed who, uint256 amount);

    /// @notice Funds an escrow from the caller's allowance. The caller is the buyer.
    /// @param terms What is agreed.
    /// @return id The escrow.
    function fund(Terms calldata terms) external returns (bytes32 id);

    /// @notice Funds an escrow from an EIP-2612 permit. The caller is the buyer. A permit that somebody else has
    /// already submitted does no harm: the allowance it left is used.
    /// @param terms What is agreed.
    /// @param deadline The permit's deadline.
    /// @param v The permit's signature.
    /// @param r The permit's signature.
    /// @param s The permit's signature.
    /// @return id The escrow.
    function fundWithPermit(Terms calldata terms, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (bytes32 id);

    /// @notice Funds an escrow from the buyer's ERC-3009 authorization, whose nonce is the escrow's id. Anybody may
    /// submit it: it can pay for these terms and nothing else, once.
    /// @param terms What is agreed.
    /// @param validAfter The authorization is valid after this second.
    /// @param validBefore The authorization is valid before this second.
    /// @param signature The buyer's signature over `ReceiveWithAuthorization`: r, s and v, 65 bytes.
    /// @return id The escrow.
    function fundWithAuthorization(
        Terms calldata terms,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external returns (bytes32 id);

    /// @notice Funds an escrow from the buyer's kept balance, within a policy the buyer signed. Operator only.
    /// @param terms What the operator orders for the buyer.
    /// @param policy What the buyer allows.
    /// @param signature The buyer's signature over the policy.
    /// @return id The escrow.
    function fundFromKept(Terms calldata terms, SpendPolicy calldata policy, bytes calldata signature)
        external
        returns (bytes32 id);

    /// @notice Starts a stream. Operator only, up to and in the second activate-by.
    /// @param id The escrow.
    /// @param rate At what rate; no higher than the terms' maximum.
    function activate(bytes32 id, uint128 rate) external;

    /// @notice Says that the lease is alive, so that it goes on accruing. Operator only, within the window.
    /// @param id The escrow.
    function heartbeat(bytes32 id) external;

    /// @notice Adds to a stream's deposit from the buyer's allowance. The caller is the buyer. What was put in only
    /// grows, so the same top-up cannot come twice, however often it is sent.
    /// @param id The escrow.
    /// @param amount How much.
    /// @param deposited What was put in before.
    function topUp(bytes32 id, uint128 amount, uint128 deposited) external;

    /// @notice Adds to a stream's deposit from the buyer's ERC-3009 authorization, whose nonce is {topUpNonce}. Anybody
    /// may submit it: it can pay for this top-up and nothing else, once.
    /// @param id The escrow.
    /// @param amount How much.
    /// @param deposited What was put in before.
    /// @param validAfter The authorization is valid after this second.
    /// @param validBefore The authorization is valid before this second.
    /// @param signature The buyer's signature over `ReceiveWithAuthorization`: r, s and v, 65 bytes.
    function topUpWithAuthorization(
        bytes32 id,
        uint128 amount,
        uint128 deposited,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external;

    /// @notice Adds to the deposit of an escrow that was funded within a policy, from the buyer's kept balance and
    /// within the same policy. Operator only.
    /// @param id The escrow.
    /// @param amount How much.
    /// @param policy What the buyer allows.
    /// @param signature The buyer's signature over the policy.
    function topUpFromKept(bytes32 id, uint128 amount, SpendPolicy calldata policy, bytes calldata signature)
        external;

    /// @notice Takes the whole deposit of a stream back before it is activated. Buyer only.
    /// @param id The escrow.
    function cancel(bytes32 id) external;

    /// @notice Ends an active stream now: the payee gets what accrued, the buyer the rest. Buyer only.
    /// @param id The escrow.
    function close(bytes32 id) external;

    /// @notice Ends a stream at the moment its lease ended: the payee gets the lesser of what accrued and what the
    /// rate gives from activation to then. At or before activation: nothing. Operator only.
    /// @param id The escrow.
    /// @param endedAt When the lease ended; not in the future. Ignored before activation.
    function end(bytes32 id, uint64 endedAt) external;

    /// @notice Returns a deposit that nobody is looking after: a stream that was not activated in time or whose
    /// operator is silent past the window, a completion past its timeout. Anybody may call it.
    /// @param id The escrow.
    function reclaim(bytes32 id) external;

    /// @notice Pays the whole deposit of a completion to the payee. Buyer only.
    /// @param id The escrow.
    function confirm(bytes32 id) external;

    /// @notice Splits a completion as buyer and payee agree: one of them calls, the other has signed.
    /// @param id The escrow.
    /// @param toPayee What the payee gets; the buyer gets the rest.
    /// @param deadline The last second in which the signature counts.
    /// @param signature The other party's EIP-712 signature over `Agreement(bytes32 id,uint128 toPayee,uint256
    /// deadline)`.
    function settleByAgreement(bytes32 id, uint128 toPayee, uint256 deadline, bytes calldata signature)
        external;

    /// @notice Splits a completion, up to and in the second of its timeout. Arbiter only.
    /// @param id The escrow.
    /// @param toPayee What the payee gets; the buyer gets the rest.
    function arbitrate(bytes32 id, uint128 toPayee) external;

    /// @notice Pays somebody's whole credit to them. Anybody may call it.
    /// @param who Whose credit.
    function withdraw(address who) external;

    /// @notice Stops funding, keeping, topping up and activating. Never an exit. Pauser only.
    function pause() external;

    /// @notice Ends a pause. Pauser only.
    function unpause() external;

    /// @notice The nonce of the authorization that pays a top-up.
    /// @param id The escrow.
    /// @param amount How much.
    /// @param deposited What was put in before.
    /// @return The nonce.
    function topUpNonce(bytes32 id, uint128 amount, uint128 deposited) external view returns (bytes32);

    /// @notice The id that an escrow of these terms has on this chain and contract.
    /// @param terms The terms.
    function escrowId(Terms calldata terms) external view returns (bytes32);

    /// @notice Everything stored about an escrow.
    /// @param id The escrow.
    function escrow(bytes32 id) external view returns (EscrowView memory);

    /// @notice What the escrow still holds, in micro-USDC.
    /// @param id The escrow.
    function balanceOf(bytes32 id) external view returns (uint128);

    /// @notice What would go to the payee (fee included) if the escrow ended now, in micro-USDC, floored; once closed,
    /// what did.
    /// @param id The escrow.
    function accrued(bytes32 id) external view returns (uint128);

    /// @notice What would go to the buyer if the escrow ended now, in micro-USDC; once closed, nothing.
    /// @param id The escrow.
    function refundable(bytes32 id) external view returns (uint128);

    /// @notice The first second in which an active stream has used up its deposit, if the operator stays alive;
    /// zero if it is not active.
    /// @param id The escrow.
    function runsOutAt(bytes32 id) external view returns (uint64);

    /// @notice What can be withdrawn, in micro-USDC.
    /// @param who By whom.
    function credit(address who) external view returns (uint256);

    /// @notice Who receives the fees.
    function feeRecipient() external view returns (address);

    /// @notice The highest fee that terms may carry, in hundredths of a per cent.
    function MAX_FEE_BPS() external view returns (uint16);

    /// @notice The operator's role: activates, beats, ends, and spends within policies.
    function SETTLER_ROLE() external view returns (bytes32);

    /// @notice The role that may pause.
    function PAUSER_ROLE() external view returns (bytes32);
}
