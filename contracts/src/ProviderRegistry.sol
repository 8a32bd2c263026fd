// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import { IProviderRegistry } from "./interfaces/IProviderRegistry.sol";

/// @title ProviderRegistry
/// @notice See {IProviderRegistry}.
contract ProviderRegistry is IProviderRegistry, AccessControlDefaultAdminRules {
    /// @inheritdoc IProviderRegistry
    bytes32 public constant CURATOR_ROLE = keccak256("CURATOR_ROLE");

    mapping(bytes32 id => Provider provider) private _providers;

    /// @param admin Who grants roles.
    /// @param curator Who approves.
    /// @param adminDelay How long a change of admin must be announced, in seconds.
    constructor(address admin, address curator, uint48 adminDelay)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        if (curator == address(0)) revert ProviderRegistry_ZeroAddress();
        _grantRole(CURATOR_ROLE, curator);
    }

    /// @inheritdoc IProviderRegistry
    function register(string calldata account, Offer calldata offer) external returns (bytes32 id) {
        if (bytes(account).length == 0 || bytes(account).length > 128) {
            revert ProviderRegistry_InvalidOffer("account");
        }
        _check(offer);
        id = providerId(msg.sender, account);
        Provider storage entry = _providers[id];
        if (entry.owner != address(0)) revert ProviderRegistry_AlreadyRegistered(id);

        entry.account = account;
        entry.owner = msg.sender;
        entry.offer = offer;
        entry.updatedAt = uint64(block.timestamp);
        emit Registered(id, msg.sender, account, offer);
    }

    /// @inheritdoc IProviderRegistry
    function update(bytes32 id, Offer calldata offer) external {
        Provider storage entry = _owned(id);
        _check(offer);
        entry.offer = offer;
        entry.updatedAt = uint64(block.timestamp);
        emit OfferChanged(id, offer);
        if (entry.live) _withdraw(id, entry);
    }

    /// @inheritdoc IProviderRegistry
    function setRate(bytes32 id, uint128 rate) external {
        Provider storage entry = _owned(id);
        Offer storage offer = entry.offer;
        if (offer.pricing != Pricing.Dynamic || rate < offer.floorRate || rate > offer.ceilingRate) {
            revert ProviderRegistry_RateOutOfRange(id, rate);
        }
        uint128 from = offer.baseRate;
        if (from == rate) revert ProviderRegistry_Unchanged(id);
        offer.baseRate = rate;
        entry.updatedAt = uint64(block.timestamp);
        emit RateChanged(id, from, rate);
    }

    /// @inheritdoc IProviderRegistry
    function setCapacity(bytes32 id, Capacity capacity) external {
        Provider storage entry = _owned(id);
        Capacity from = entry.capacity;
        if (from == capacity) revert ProviderRegistry_Unchanged(id);
        entry.capacity = capacity;
        entry.updatedAt = uint64(block.timestamp);
        emit CapacityChanged(id, from, capacity);
    }

    /// @inheritdoc IProviderRegistry
    function approve(bytes32 id, bytes32 offerHash) external onlyRole(CURATOR_ROLE) {
        Provider storage entry = _known(id);
        bytes32 current = _hash(entry.offer);
        // An owner must not be able to swap the offer while the curator's transaction is on its way.
        if (offerHash != current) revert ProviderRegistry_OfferChanged(id, current);
        if (entry.live) revert ProviderRegistry_Unchanged(id);
        entry.live = true;
        entry.updatedAt = uint64(block.timestamp);
        emit Approved(id, msg.sender, offerHash);
    }

    /// @inheritdoc IProviderRegistry
    function withdrawApproval(bytes32 id) external onlyRole(CURATOR_ROLE) {
        Provider storage entry = _known(id);
        if (!entry.live) revert ProviderRegistry_Unchanged(id);
        entry.updatedAt = uint64(block.timestamp);
        _withdraw(id, entry);
    }

    /// @inheritdoc IProviderRegistry
    function provider(bytes32 id) external view returns (Provider memory) {
        return _providers[id];
    }

    /// @inheritdoc IProviderRegistry
    function providerId(address owner, string calldata account) public pure returns (bytes32) {
        return keccak256(abi.encode(owner, account));
    }

    /// @inheritdoc IProviderRegistry
    function offerHashOf(bytes32 id) external view returns (bytes32) {
        return _hash(_known(id).offer);
    }

    function _withdraw(bytes32 id, Provider storage entry) private {
        entry.live = false;
        emit ApprovalWithdrawn(id, msg.sender);
    }

    function _known(bytes32 id) private view returns (Provider storage entry) {
        entry = _providers[id];
        if (entry.owner == address(0)) revert ProviderRegistry_UnknownProvider(id);
    }

    function _owned(bytes32 id) private view returns (Provider storage entry) {
        entry = _known(id);
        if (entry.owner != msg.sender) revert ProviderRegistry_NotOwner(msg.sender);
    }

    function _check(Offer calldata offer) private pure {
        if (offer.payout == address(0)) revert ProviderRegistry_InvalidOffer("payout");
        if (offer.metadataHash == 0) revert ProviderRegistry_InvalidOffer("metadataHash");
        if (offer.baseRate == 0) revert ProviderRegistry_InvalidOffer("baseRate");
        if (offer.pricing == Pricing.Dynamic) {
            if (offer.floorRate == 0 || offer.floorRate > offer.baseRate) {
                revert ProviderRegistry_InvalidOffer("floorRate");
            }
            if (offer.ceilingRate < offer.baseRate) revert ProviderRegistry_InvalidOffer("ceilingRate");
        } else {
            if (offer.floorRate != 0) revert ProviderRegistry_InvalidOffer("floorRate");
            if (offer.ceilingRate != 0) revert ProviderRegistry_InvalidOffer("ceilingRate");
        }
        bool inToken = offer.pricing == Pricing.InToken;
        if ((offer.priceToken == address(0)) == inToken) revert ProviderRegistry_InvalidOffer("priceToken");
    }

    function _hash(Offer memory offer) private pure returns (bytes32) {
        if (offer.pricing == Pricing.Dynamic) offer.baseRate = 0;
        return keccak256(abi.encode(offer));
    }
}
