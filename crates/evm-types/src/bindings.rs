//! The contracts' interfaces, as they are in `contracts/src/interfaces`.
//!
//! The interfaces' own documentation is there and is not repeated here.

use alloy_sol_types::sol;

sol! {
    #![sol(all_derives)]

    /// The escrow: deposits, streams, completions, kept balances and policies.
    interface AkashEscrow {
        enum Mode { Stream, Completion }
        enum Status { None, Funded, Active, Closed }
        enum Reason {
            Cancelled, ClosedByBuyer, EndedByOperator, NotActivated, Silent, Confirmed, Agreed, Arbitrated, TimedOut
        }

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

        struct SpendPolicy {
            address buyer;
            address[] payees;
            uint128 maxRate;
            uint16 maxFeeBps;
            uint64 minRunTime;
            uint64 maxHeartbeatWindow;
            uint128 maxPerOrder;
            uint128 maxPerDay;
            uint32 maxOpen;
            uint64 expiry;
            uint256 nonce;
        }

        function fund(Terms calldata terms) external returns (bytes32 id);
        function fundWithPermit(Terms calldata terms, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external returns (bytes32 id);
        function fundWithAuthorization(Terms calldata terms, uint256 validAfter, uint256 validBefore, bytes calldata signature) external returns (bytes32 id);
        function fundFromKept(Terms calldata terms, SpendPolicy calldata policy, bytes calldata signature) external returns (bytes32 id);
        function activate(bytes32 id, uint128 rate) external;
        function heartbeat(bytes32 id) external;
        function topUp(bytes32 id, uint128 amount, uint128 deposited) external;
        function topUpWithAuthorization(bytes32 id, uint128 amount, uint128 deposited, uint256 validAfter, uint256 validBefore, bytes calldata signature) external;
        function topUpFromKept(bytes32 id, uint128 amount, SpendPolicy calldata policy, bytes calldata signature) external;
        function cancel(bytes32 id) external;
        function close(bytes32 id) external;
        function end(bytes32 id, uint64 endedAt) external;
        function reclaim(bytes32 id) external;
        function confirm(bytes32 id) external;
        function settleByAgreement(bytes32 id, uint128 toPayee, uint256 deadline, bytes calldata signature) external;
        function arbitrate(bytes32 id, uint128 toPayee) external;
        function withdraw(address who) external;
        function keep(uint256 amount) external;
        function keepWithAuthorization(address buyer, uint256 amount, bytes32 salt, uint256 validAfter, uint256 validBefore, bytes calldata signature) external;
        function withdrawKept(uint256 amount) external;
        function revokePolicies() external;
        function pause() external;
        function unpause() external;

        function escrowId(Terms calldata terms) external view returns (bytes32);
        function topUpNonce(bytes32 id, uint128 amount, uint128 deposited) external view returns (bytes32);
        function escrow(bytes32 id) external view returns (EscrowView memory);
        function balanceOf(bytes32 id) external view returns (uint128);
        function accrued(bytes32 id) external view returns (uint128);
        function refundable(bytes32 id) external view returns (uint128);
        function runsOutAt(bytes32 id) external view returns (uint64);
        function credit(address who) external view returns (uint256);
        function feeRecipient() external view returns (address);
        function token() external view returns (address);
        function keptOf(address buyer) external view returns (uint256);
        function policyNonce(address buyer) external view returns (uint256);
        function spentOn(address buyer, uint256 day) external view returns (uint256);
        function openOf(address buyer) external view returns (uint256);
        function policyOf(bytes32 id) external view returns (bytes32);
        function policyDigest(SpendPolicy calldata policy) external view returns (bytes32);
        function keepNonce(address buyer, bytes32 salt) external view returns (bytes32);
        function paused() external view returns (bool);
        function hasRole(bytes32 role, address account) external view returns (bool);
        function MAX_FEE_BPS() external view returns (uint16);
        function MAX_PAYEES() external view returns (uint256);
        function SETTLER_ROLE() external view returns (bytes32);
        function PAUSER_ROLE() external view returns (bytes32);

        event Funded(bytes32 indexed id, address indexed buyer, address indexed payee, Terms terms);
        event Activated(bytes32 indexed id, uint128 rate, uint64 at);
        event Heartbeat(bytes32 indexed id, uint256 accruedScaled, uint64 at);
        event ToppedUp(bytes32 indexed id, address indexed from, uint128 amount);
        event Closed(bytes32 indexed id, Reason reason, uint128 released, uint128 fee, uint128 refunded, uint64 endedAt);
        event Credited(address indexed who, uint256 amount);
        event Withdrawn(address indexed who, uint256 amount);
        event Kept(address indexed buyer, uint256 amount);
        event KeptSpent(bytes32 indexed id, address indexed buyer, bytes32 indexed policy, uint128 amount);
        event KeptWithdrawn(address indexed buyer, uint256 amount);
        event PoliciesRevoked(address indexed buyer, uint256 nonce);
        event Paused(address account);
        event Unpaused(address account);

        error AkashEscrow_InvalidTerms(string field);
        error AkashEscrow_AlreadyFunded(bytes32 id);
        error AkashEscrow_WrongStatus(bytes32 id, Status status);
        error AkashEscrow_WrongMode(bytes32 id, Mode mode);
        error AkashEscrow_NotBuyer(address caller);
        error AkashEscrow_NotArbiter(address caller);
        error AkashEscrow_NotParty(address caller);
        error AkashEscrow_InvalidSignature();
        error AkashEscrow_AgreementExpired(uint256 deadline);
        error AkashEscrow_RateOutOfRange(uint128 rate, uint128 maxRate);
        error AkashEscrow_TooLate(uint256 deadline);
        error AkashEscrow_TooEarly(uint256 notBefore);
        error AkashEscrow_Silent(bytes32 id, uint256 silentSince);
        error AkashEscrow_EndInFuture(uint64 endedAt);
        error AkashEscrow_SplitTooLarge(uint128 amount, uint128 held);
        error AkashEscrow_DepositTooLarge();
        error AkashEscrow_DepositChanged(bytes32 id, uint128 deposited);
        error AkashEscrow_NoCredit(address who);
        error AkashEscrow_ZeroAddress();
        error AkashEscrow_OutsidePolicy(string field);
        error AkashEscrow_InvalidPolicySignature();
        error AkashEscrow_KeptTooLittle(address buyer, uint256 kept, uint256 needed);
        error AkashEscrow_ZeroAmount();
        error AkashEscrow_DepositMismatch(uint256 expected, uint256 received);
        error AkashEscrow_SignatureLength(uint256 length);
    }

    /// The worthless token used for payment on test networks.
    interface TestnetUSDC {
        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 value) external returns (bool);
        function transfer(address to, uint256 value) external returns (bool);
        function transferFrom(address from, address to, uint256 value) external returns (bool);
        function nonces(address owner) external view returns (uint256);
        function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
        function DOMAIN_SEPARATOR() external view returns (bytes32);
        function eip712Domain() external view returns (bytes1 fields, string memory name, string memory version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] memory extensions);
        function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);
        function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;
        function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;
        function DAILY_CAP() external view returns (uint256);
        function drip() external returns (uint256 amount);
        function dripTo(address to) external returns (uint256 amount);
        function mint(address to, uint256 amount) external;
        function drippable(address who) external view returns (uint256);

        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
        event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);
        event Dripped(address indexed to, uint256 amount);

        error TestnetUSDC_DailyCapReached(address who, uint256 availableAt);
    }

    /// The register of routed jobs.
    interface ComputeRouter {
        enum Mode { Tracked, Untracked }
        enum Status { None, Routed, Active, Completed, Failed, Cancelled }

        struct Decision {
            bytes32 provider;
            uint128 pricePerHour;
            Mode mode;
            bytes32 storageRoot;
            bytes32 decisionHash;
            bytes32 constraintsHash;
            address user;
        }

        struct Job {
            Decision decision;
            Status status;
            bytes32 escrowId;
            uint64 routedAt;
            uint64 updatedAt;
        }

        function route(bytes32 id, Decision calldata decision) external;
        function setStatus(bytes32 id, Status to) external;
        function linkEscrow(bytes32 id, bytes32 escrowId) external;
        function anchor(bytes32 id, bytes32 storageRoot) external;
        function job(bytes32 id) external view returns (Job memory);
        function RECORDER_ROLE() external view returns (bytes32);

        event Routed(bytes32 indexed id, bytes32 indexed provider, address indexed user, Decision decision);
        event StatusChanged(bytes32 indexed id, Status from, Status to);
        event EscrowLinked(bytes32 indexed id, bytes32 indexed escrowId);
        event Anchored(bytes32 indexed id, bytes32 indexed storageRoot);

        error ComputeRouter_AlreadyRouted(bytes32 id);
        error ComputeRouter_UnknownJob(bytes32 id);
        error ComputeRouter_InvalidDecision(string field);
        error ComputeRouter_InvalidTransition(bytes32 id, Status from, Status to);
        error ComputeRouter_Untracked(bytes32 id);
        error ComputeRouter_AlreadySet(bytes32 id);
        error ComputeRouter_Zero();
    }

    /// The register of hardware that its owners offer directly.
    interface ProviderRegistry {
        enum Pricing { Fixed, Dynamic, InToken }
        enum Capacity { Offline, Full, Limited, Available }

        struct Offer {
            address payout;
            bytes32 metadataHash;
            Pricing pricing;
            uint128 baseRate;
            uint128 floorRate;
            uint128 ceilingRate;
            address priceToken;
        }

        struct Provider {
            string account;
            address owner;
            Offer offer;
            Capacity capacity;
            bool live;
            uint64 updatedAt;
        }

        function register(string calldata account, Offer calldata offer) external returns (bytes32 id);
        function update(bytes32 id, Offer calldata offer) external;
        function setRate(bytes32 id, uint128 rate) external;
        function setCapacity(bytes32 id, Capacity capacity) external;
        function approve(bytes32 id, bytes32 offerHash) external;
        function withdrawApproval(bytes32 id) external;
        function provider(bytes32 id) external view returns (Provider memory);
        function providerId(address owner, string calldata account) external view returns (bytes32);
        function offerHashOf(bytes32 id) external view returns (bytes32);
        function CURATOR_ROLE() external view returns (bytes32);

        event Registered(bytes32 indexed id, address indexed owner, string account, Offer offer);
        event OfferChanged(bytes32 indexed id, Offer offer);
        event RateChanged(bytes32 indexed id, uint128 from, uint128 to);
        event CapacityChanged(bytes32 indexed id, Capacity from, Capacity to);
        event Approved(bytes32 indexed id, address indexed curator, bytes32 offerHash);
        event ApprovalWithdrawn(bytes32 indexed id, address indexed by);

        error ProviderRegistry_AlreadyRegistered(bytes32 id);
        error ProviderRegistry_UnknownProvider(bytes32 id);
        error ProviderRegistry_NotOwner(address caller);
        error ProviderRegistry_InvalidOffer(string field);
        error ProviderRegistry_RateOutOfRange(bytes32 id, uint128 rate);
        error ProviderRegistry_OfferChanged(bytes32 id, bytes32 expected);
        error ProviderRegistry_Unchanged(bytes32 id);
        error ProviderRegistry_ZeroAddress();
    }

    /// The errors of the library that the contracts are built on, as far as our calls can cause
    /// them.
    interface Library {
        error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);
        error AccessControlBadConfirmation();
        error AccessControlEnforcedDefaultAdminDelay(uint48 schedule);
        error AccessControlEnforcedDefaultAdminRules();
        error AccessControlInvalidDefaultAdmin(address defaultAdmin);
        error ECDSAInvalidSignature();
        error ECDSAInvalidSignatureLength(uint256 length);
        error ECDSAInvalidSignatureS(bytes32 s);
        error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
        error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
        error ERC20InvalidApprover(address approver);
        error ERC20InvalidReceiver(address receiver);
        error ERC20InvalidSender(address sender);
        error ERC20InvalidSpender(address spender);
        error ERC2612ExpiredSignature(uint256 deadline);
        error ERC2612InvalidSigner(address signer, address owner);
        error ERC3009InvalidAuthorizationTime(uint256 validAfter, uint256 validBefore);
        error ERC3009InvalidSignature();
        error ERC3009UsedAuthorization(address authorizer, bytes32 nonce);
        error EnforcedPause();
        error ExpectedPause();
        error InvalidAccountNonce(address account, uint256 currentNonce);
        error InvalidShortString();
        error ReentrancyGuardReentrantCall();
        error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value);
        error SafeERC20FailedOperation(address token);
        error StringTooLong(string str);
    }
}
