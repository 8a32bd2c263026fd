// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Kept balance and spend policy
/// @notice A buyer may keep money with the contract and sign a policy that says what the operator may spend of it.
/// Taking it back and revoking are always possible, also while paused.
interface IKeptBalance {
    /// @notice What a buyer allows the operator to spend without being asked again.
    /// @param buyer Whose money it is, and who signs.
    /// @param payees Who may be paid; at most {MAX_PAYEES}.
    /// @param maxRate The highest maximum rate an order may carry, in 1e-12 micro-USDC per second.
    /// @param maxFeeBps The highest fee an order may carry.
    /// @param minRunTime How long each deposit must last at the order's maximum rate, in seconds.
    /// @param maxHeartbeatWindow The longest heartbeat window an order may carry, in seconds.
    /// @param maxPerOrder The most one order may cost, top-ups included, in micro-USDC.
    /// @param maxPerDay The most that may be spent in one UTC day, in micro-USDC, over all the buyer's policies.
    /// @param maxOpen How many orders may be open at once, over all the buyer's policies.
    /// @param expiry The last second in which the policy counts.
    /// @param nonce The buyer's revocation nonce; revoking raises it and ends every policy signed before.
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

    /// @notice The policy forbids this order.
    /// @param field The policy's field that does.
    error AkashEscrow_OutsidePolicy(string field);

    /// @notice The policy's signature is not its buyer's.
    error AkashEscrow_InvalidPolicySignature();

    /// @notice The buyer keeps less than that.
    /// @param buyer The buyer.
    /// @param kept What is kept.
    /// @param needed What was needed.
    error AkashEscrow_KeptTooLittle(address buyer, uint256 kept, uint256 needed);

    /// @notice An amount that must not be zero is.
    error AkashEscrow_ZeroAmount();

    /// @notice The token moved another amount than it was asked to.
    /// @param expected What was asked for.
    /// @param received What arrived.
    error AkashEscrow_DepositMismatch(uint256 expected, uint256 received);

    /// @notice An ERC-3009 signature is 65 bytes.
    /// @param length What was given.
    error AkashEscrow_SignatureLength(uint256 length);

    /// @notice A kept balance grew.
    /// @param buyer Whose.
    /// @param amount By how much.
    event Kept(address indexed buyer, uint256 amount);

    /// @notice Part of a kept balance was spent on an escrow, within a policy.
    /// @param id The escrow.
    /// @param buyer Whose balance.
    /// @param policy The policy's EIP-712 digest.
    /// @param amount How much.
    event KeptSpent(bytes32 indexed id, address indexed buyer, bytes32 indexed policy, uint128 amount);

    /// @notice A buyer took kept money back.
    /// @param buyer Who.
    /// @param amount How much.
    event KeptWithdrawn(address indexed buyer, uint256 amount);

    /// @notice A buyer revoked every policy signed so far.
    /// @param buyer Who.
    /// @param nonce The nonce that new policies must carry.
    event PoliciesRevoked(address indexed buyer, uint256 nonce);

    /// @notice Keeps money from the caller's allowance.
    /// @param amount How much, in micro-USDC.
    function keep(uint256 amount) external;

    /// @notice Keeps money from a buyer's ERC-3009 authorization. Anybody may submit it.
    /// @param buyer Who signed.
    /// @param amount How much, in micro-USDC.
    /// @param salt Makes the nonce unique; see {keepNonce}.
    /// @param validAfter The authorization is valid after this second.
    /// @param validBefore The authorization is valid before this second.
    /// @param signature The buyer's signature over `ReceiveWithAuthorization`: r, s and v, 65 bytes.
    function keepWithAuthorization(
        address buyer,
        uint256 amount,
        bytes32 salt,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external;

    /// @notice Pays part of the caller's kept balance back to the caller.
    /// @param amount How much, in micro-USDC.
    function withdrawKept(uint256 amount) external;

    /// @notice Ends every policy the caller has signed so far.
    function revokePolicies() external;

    /// @notice The token everything is paid in.
    function token() external view returns (IERC20);

    /// @notice What a buyer keeps, in micro-USDC.
    /// @param buyer Who.
    function keptOf(address buyer) external view returns (uint256);

    /// @notice The nonce a buyer's policy must carry to count.
    /// @param buyer Who.
    function policyNonce(address buyer) external view returns (uint256);

    /// @notice What policies spent for a buyer in a UTC day, in micro-USDC.
    /// @param buyer Who.
    /// @param day The day: Unix seconds divided by 86,400.
    function spentOn(address buyer, uint256 day) external view returns (uint256);

    /// @notice How many escrows funded within policies a buyer has open.
    /// @param buyer Who.
    function openOf(address buyer) external view returns (uint256);

    /// @notice The digest of the policy an escrow was funded within; zero if the buyer funded it.
    /// @param id The escrow.
    function policyOf(bytes32 id) external view returns (bytes32);

    /// @notice What a buyer signs to make a policy count.
    /// @param policy The policy.
    function policyDigest(SpendPolicy calldata policy) external view returns (bytes32);

    /// @notice The ERC-3009 nonce that an authorization to keep money carries.
    /// @param buyer Who signs.
    /// @param salt Any number not used before.
    function keepNonce(address buyer, bytes32 salt) external view returns (bytes32);

    /// @notice How many payees a policy may name.
    function MAX_PAYEES() external view returns (uint256);
}
