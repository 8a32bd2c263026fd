// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Provider registry
/// @notice Hardware that its owners offer directly: what it costs, whether there is room, where its description is,
/// and whether a curator has approved the offer. It holds no money.
interface IProviderRegistry {
    /// @notice How a provider's price is found.
    /// @custom:value Fixed It is the base rate.
    /// @custom:value Dynamic The owner moves the base rate between floor and ceiling.
    /// @custom:value InToken It is the base rate, paid in a token of the provider's choice.
    enum Pricing {
        Fixed,
        Dynamic,
        InToken
    }

    /// @notice How much room a provider has.
    /// @custom:value Offline Takes nothing.
    /// @custom:value Full Takes nothing at the moment.
    /// @custom:value Limited Has little room.
    /// @custom:value Available Has room.
    enum Capacity {
        Offline,
        Full,
        Limited,
        Available
    }

    /// @notice What an owner offers. Fields that the pricing model does not use are zero.
    /// @param payout Who is paid.
    /// @param metadataHash The hash of the offer's description.
    /// @param pricing How the price is found.
    /// @param baseRate The price, in micro-USD per hour.
    /// @param floorRate Dynamic: the lowest base rate.
    /// @param ceilingRate Dynamic: the highest base rate.
    /// @param priceToken InToken: which token.
    struct Offer {
        address payout;
        bytes32 metadataHash;
        Pricing pricing;
        uint128 baseRate;
        uint128 floorRate;
        uint128 ceilingRate;
        address priceToken;
    }

    /// @notice A provider on record.
    /// @param account The provider's address in its own network (an Akash address, say).
    /// @param owner Who may change the offer; zero if there is no such provider.
    /// @param offer What is offered.
    /// @param capacity How much room there is.
    /// @param live Whether a curator has approved the offer as it is.
    /// @param updatedAt When anything last changed, in Unix seconds.
    struct Provider {
        string account;
        address owner;
        Offer offer;
        Capacity capacity;
        bool live;
        uint64 updatedAt;
    }

    /// @notice The owner has registered this account already.
    /// @param id The provider.
    error ProviderRegistry_AlreadyRegistered(bytes32 id);

    /// @notice No such provider is on record.
    /// @param id The provider.
    error ProviderRegistry_UnknownProvider(bytes32 id);

    /// @notice Only the provider's owner may do this.
    /// @param caller Who tried.
    error ProviderRegistry_NotOwner(address caller);

    /// @notice The offer cannot be recorded because of this field.
    /// @param field The field's name, as in {Offer} or {Provider}.
    error ProviderRegistry_InvalidOffer(string field);

    /// @notice The rate is outside floor and ceiling, or the pricing model does not move.
    /// @param id The provider.
    /// @param rate The rate asked for.
    error ProviderRegistry_RateOutOfRange(bytes32 id, uint128 rate);

    /// @notice The curator looked at another offer than the one on record.
    /// @param id The provider.
    /// @param expected The hash of the offer on record.
    error ProviderRegistry_OfferChanged(bytes32 id, bytes32 expected);

    /// @notice Nothing would change.
    /// @param id The provider.
    error ProviderRegistry_Unchanged(bytes32 id);

    /// @notice An address that must not be zero is.
    error ProviderRegistry_ZeroAddress();

    /// @notice A provider was registered.
    /// @param id The provider.
    /// @param owner Its owner.
    /// @param account Its address in its own network.
    /// @param offer What it offers.
    event Registered(bytes32 indexed id, address indexed owner, string account, Offer offer);

    /// @notice An offer was replaced, and with it the approval withdrawn.
    /// @param id The provider.
    /// @param offer What is offered now.
    event OfferChanged(bytes32 indexed id, Offer offer);

    /// @notice A dynamic price moved.
    /// @param id The provider.
    /// @param from The base rate before, in micro-USD per hour.
    /// @param to The base rate now.
    event RateChanged(bytes32 indexed id, uint128 from, uint128 to);

    /// @notice The room changed.
    /// @param id The provider.
    /// @param from How much there was.
    /// @param to How much there is.
    event CapacityChanged(bytes32 indexed id, Capacity from, Capacity to);

    /// @notice A curator approved an offer.
    /// @param id The provider.
    /// @param curator Who.
    /// @param offerHash The hash of what was approved.
    event Approved(bytes32 indexed id, address indexed curator, bytes32 offerHash);

    /// @notice An approval ended.
    /// @param id The provider.
    /// @param by The curator, or the owner who changed the offer.
    event ApprovalWithdrawn(bytes32 indexed id, address indexed by);

    /// @notice Registers a provider; the caller becomes its owner. It is not live until a curator approves it.
    /// @param account The provider's address in its own network.
    /// @param offer What it offers.
    /// @return id The provider.
    function register(string calldata account, Offer calldata offer) external returns (bytes32 id);

    /// @notice Replaces the offer. Owner only. A live provider must be approved again.
    /// @param id The provider.
    /// @param offer What it offers now.
    function update(bytes32 id, Offer calldata offer) external;

    /// @notice Moves a dynamic price between its floor and ceiling. Owner only. The approval stays.
    /// @param id The provider.
    /// @param rate The base rate, in micro-USD per hour.
    function setRate(bytes32 id, uint128 rate) external;

    /// @notice Says how much room there is. Owner only.
    /// @param id The provider.
    /// @param capacity How much.
    function setCapacity(bytes32 id, Capacity capacity) external;

    /// @notice Approves the offer as the curator saw it. Curator only.
    /// @param id The provider.
    /// @param offerHash The hash of the offer that the curator looked at; see {offerHashOf}.
    function approve(bytes32 id, bytes32 offerHash) external;

    /// @notice Withdraws an approval. Curator only.
    /// @param id The provider.
    function withdrawApproval(bytes32 id) external;

    /// @notice A provider on record; all zero if there is none.
    /// @param id The provider.
    function provider(bytes32 id) external view returns (Provider memory);

    /// @notice The id that an owner's account has here. Two owners may claim one account; the curator decides.
    /// @param owner The owner.
    /// @param account The provider's address in its own network.
    function providerId(address owner, string calldata account) external view returns (bytes32);

    /// @notice The hash of the offer on record, without a dynamic offer's current rate.
    /// @param id The provider.
    function offerHashOf(bytes32 id) external view returns (bytes32);

    /// @notice The role that approves.
    function CURATOR_ROLE() external view returns (bytes32);
}
