// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Pausable } from "@openzeppelin/contracts/utils/Pausable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import { IAkashEscrow } from "./interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "./interfaces/IKeptBalance.sol";
import { IReceiveWithAuthorization } from "./interfaces/IReceiveWithAuthorization.sol";
import { Accrual } from "./libraries/Accrual.sol";

/// @title KeptBalance
/// @notice The half of {AkashEscrow} that keeps buyers' money and spends it within their policies. See
/// {IKeptBalance}.
abstract contract KeptBalance is IKeptBalance, EIP712, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @inheritdoc IKeptBalance
    uint256 public constant MAX_PAYEES = 16;

    bytes32 private constant _POLICY_TYPEHASH = keccak256(
        "SpendPolicy(address buyer,address[] payees,uint128 maxRate,uint16 maxFeeBps,uint64 minRunTime,uint64 maxHeartbeatWindow,uint128 maxPerOrder,uint128 maxPerDay,uint32 maxOpen,uint64 expiry,uint256 nonce)"
    );

    /// @dev Keeps these nonces apart from escrow ids, which are hashes of another shape.
    bytes32 private constant _KEEP_TAG = keccak256("AkashEscrow.keep");

    /// @inheritdoc IKeptBalance
    IERC20 public immutable token;

    /// @inheritdoc IKeptBalance
    mapping(address buyer => uint256 amount) public keptOf;

    /// @inheritdoc IKeptBalance
    mapping(address buyer => uint256 nonce) public policyNonce;

    /// @inheritdoc IKeptBalance
    mapping(address buyer => mapping(uint256 day => uint256 amount)) public spentOn;

    /// @inheritdoc IKeptBalance
    mapping(address buyer => uint256 count) public openOf;

    /// @inheritdoc IKeptBalance
    mapping(bytes32 id => bytes32 digest) public policyOf;

    constructor(IERC20 token_) EIP712("AkashEscrow", "1") {
        token = token_;
    }

    /// @inheritdoc IKeptBalance
    function keep(uint256 amount) external nonReentrant whenNotPaused {
        _addKept(msg.sender, amount);
        _pull(msg.sender, amount);
    }

    /// @inheritdoc IKeptBalance
    function keepWithAuthorization(
        address buyer,
        uint256 amount,
        bytes32 salt,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external nonReentrant whenNotPaused {
        _addKept(buyer, amount);
        _receive(buyer, amount, validAfter, validBefore, keepNonce(buyer, salt), signature);
    }

    /// @inheritdoc IKeptBalance
    function withdrawKept(uint256 amount) external nonReentrant {
        if (amount == 0) revert AkashEscrow_ZeroAmount();
        _takeKept(msg.sender, amount);
        emit KeptWithdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IKeptBalance
    function revokePolicies() external {
        uint256 nonce = ++policyNonce[msg.sender];
        emit PoliciesRevoked(msg.sender, nonce);
    }

    /// @inheritdoc IKeptBalance
    function policyDigest(SpendPolicy calldata policy) public view returns (bytes32) {
        // An EIP-712 array is the hash of its members, each padded to a word; encodePacked pads array members.
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    _POLICY_TYPEHASH,
                    policy.buyer,
                    keccak256(abi.encodePacked(policy.payees)),
                    policy.maxRate,
                    policy.maxFeeBps,
                    policy.minRunTime,
                    policy.maxHeartbeatWindow,
                    policy.maxPerOrder,
                    policy.maxPerDay,
                    policy.maxOpen,
                    policy.expiry,
                    policy.nonce
                )
            )
        );
    }

    /// @inheritdoc IKeptBalance
    function keepNonce(address buyer, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(_KEEP_TAG, block.chainid, address(this), buyer, salt));
    }

    /// @dev Spends a deposit for a new order, if the policy allows the order's terms and its limits are not reached.
    function _spendOnOrder(
        bytes32 id,
        IAkashEscrow.Terms calldata terms,
        SpendPolicy calldata policy,
        bytes calldata signature
    ) internal {
        bytes32 digest = _checkPolicy(policy, signature);
        if (terms.mode != IAkashEscrow.Mode.Stream) revert AkashEscrow_OutsidePolicy("mode");
        if (terms.buyer != policy.buyer) revert AkashEscrow_OutsidePolicy("buyer");
        if (!_names(policy.payees, terms.payee)) revert AkashEscrow_OutsidePolicy("payees");
        if (terms.maxRate > policy.maxRate) revert AkashEscrow_OutsidePolicy("maxRate");
        if (terms.feeBps > policy.maxFeeBps) revert AkashEscrow_OutsidePolicy("maxFeeBps");
        if (!Accrual.lasts(terms.deposit, terms.maxRate, policy.minRunTime)) {
            revert AkashEscrow_OutsidePolicy("minRunTime");
        }
        if (terms.heartbeatWindow > policy.maxHeartbeatWindow) {
            revert AkashEscrow_OutsidePolicy("maxHeartbeatWindow");
        }
        if (terms.deposit > policy.maxPerOrder) revert AkashEscrow_OutsidePolicy("maxPerOrder");
        if (openOf[policy.buyer] >= policy.maxOpen) revert AkashEscrow_OutsidePolicy("maxOpen");

        openOf[policy.buyer] += 1;
        policyOf[id] = digest;
        _spendToday(id, digest, policy, terms.deposit);
    }

    /// @dev Spends a top-up for an order that was funded within the same policy.
    function _spendOnTopUp(
        bytes32 id,
        uint128 deposited,
        uint128 amount,
        SpendPolicy calldata policy,
        bytes calldata signature
    ) internal {
        bytes32 digest = _checkPolicy(policy, signature);
        if (policyOf[id] != digest) revert AkashEscrow_OutsidePolicy("order");
        if (uint256(deposited) + amount > policy.maxPerOrder) {
            revert AkashEscrow_OutsidePolicy("maxPerOrder");
        }
        _spendToday(id, digest, policy, amount);
    }

    /// @dev Frees the slot of an order that was funded within a policy. What it spent today stays spent.
    function _freeSlot(bytes32 id, address buyer) internal {
        if (policyOf[id] != 0) openOf[buyer] -= 1;
    }

    /// @dev Takes tokens from an allowance, and accepts nothing but the exact amount.
    function _pull(address from, uint256 amount) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        _checkReceived(before, amount);
    }

    /// @dev Takes tokens by an ERC-3009 authorization, and accepts nothing but the exact amount.
    function _receive(
        address from,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) internal {
        if (signature.length != 65) revert AkashEscrow_SignatureLength(signature.length);
        uint256 before = token.balanceOf(address(this));
        IReceiveWithAuthorization(address(token))
            .receiveWithAuthorization(
                from,
                address(this),
                amount,
                validAfter,
                validBefore,
                nonce,
                uint8(signature[64]),
                bytes32(signature[:32]),
                bytes32(signature[32:64])
            );
        _checkReceived(before, amount);
    }

    function _addKept(address buyer, uint256 amount) private {
        if (amount == 0) revert AkashEscrow_ZeroAmount();
        keptOf[buyer] += amount;
        emit Kept(buyer, amount);
    }

    function _takeKept(address buyer, uint256 amount) private {
        uint256 kept = keptOf[buyer];
        if (kept < amount) revert AkashEscrow_KeptTooLittle(buyer, kept, amount);
        keptOf[buyer] = kept - amount;
    }

    function _spendToday(bytes32 id, bytes32 digest, SpendPolicy calldata policy, uint128 amount) private {
        uint256 today = block.timestamp / 1 days;
        uint256 spent = spentOn[policy.buyer][today] + amount;
        if (spent > policy.maxPerDay) revert AkashEscrow_OutsidePolicy("maxPerDay");
        spentOn[policy.buyer][today] = spent;
        _takeKept(policy.buyer, amount);
        emit KeptSpent(id, policy.buyer, digest, amount);
    }

    function _checkPolicy(SpendPolicy calldata policy, bytes calldata signature)
        private
        view
        returns (bytes32 digest)
    {
        if (block.timestamp > policy.expiry) revert AkashEscrow_OutsidePolicy("expiry");
        if (policy.nonce != policyNonce[policy.buyer]) revert AkashEscrow_OutsidePolicy("nonce");
        digest = policyDigest(policy);
        if (!SignatureChecker.isValidSignatureNowCalldata(policy.buyer, digest, signature)) {
            revert AkashEscrow_InvalidPolicySignature();
        }
    }

    function _checkReceived(uint256 before, uint256 amount) private view {
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert AkashEscrow_DepositMismatch(amount, received);
    }

    /// @dev At most {MAX_PAYEES} turns: a longer list is refused.
    function _names(address[] calldata payees, address payee) private pure returns (bool) {
        if (payees.length > MAX_PAYEES) revert AkashEscrow_OutsidePolicy("payees");
        for (uint256 i = 0; i < payees.length; ++i) {
            if (payees[i] == payee) return true;
        }
        return false;
    }
}
