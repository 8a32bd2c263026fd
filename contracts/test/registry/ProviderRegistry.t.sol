// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { ProviderRegistry } from "../../src/ProviderRegistry.sol";
import { IProviderRegistry } from "../../src/interfaces/IProviderRegistry.sol";
import { Test } from "../support/Vm.sol";

abstract contract RegistryFixture is Test {
    uint256 internal constant START = 1_800_000_000;
    address internal constant CURATOR = address(0xc42a);
    address internal constant OWNER = address(0x0b);
    address internal constant STRANGER = address(0x57a);
    string internal constant ACCOUNT = "akash1provider";

    ProviderRegistry internal registry;

    function setUp() external {
        vm.warp(START);
        registry = new ProviderRegistry(address(0xad), CURATOR, 1 days);
    }

    function offer() internal pure returns (IProviderRegistry.Offer memory) {
        return IProviderRegistry.Offer({
            payout: address(0xba6),
            metadataHash: keccak256("description"),
            pricing: IProviderRegistry.Pricing.Fixed,
            baseRate: 900_000,
            floorRate: 0,
            ceilingRate: 0,
            priceToken: address(0)
        });
    }

    function dynamicOffer() internal pure returns (IProviderRegistry.Offer memory made) {
        made = offer();
        made.pricing = IProviderRegistry.Pricing.Dynamic;
        made.floorRate = 800_000;
        made.ceilingRate = 1_000_000;
    }

    function tokenOffer() internal pure returns (IProviderRegistry.Offer memory made) {
        made = offer();
        made.pricing = IProviderRegistry.Pricing.InToken;
        made.priceToken = address(0x70ce);
    }

    function register(IProviderRegistry.Offer memory made) internal returns (bytes32) {
        vm.prank(OWNER);
        return registry.register(ACCOUNT, made);
    }

    function approve(bytes32 id) internal {
        bytes32 offerHash = registry.offerHashOf(id);
        vm.prank(CURATOR);
        registry.approve(id, offerHash);
    }

    function expectNotOwner() internal {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_NotOwner.selector, STRANGER)
        );
    }

    function expectUnknown() internal {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_UnknownProvider.selector, bytes32(0))
        );
    }

    function expectUnchanged(bytes32 id) internal {
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_Unchanged.selector, id));
    }

    function expectNotCurator(address caller) internal {
        vm.expectRevert(
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", caller, registry.CURATOR_ROLE()
            )
        );
    }
}

contract Register_Test is RegistryFixture {
    function test_itRecordsTheOffer_notLive() external {
        IProviderRegistry.Offer memory made = offer();
        bytes32 id = registry.providerId(OWNER, ACCOUNT);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.Registered(id, OWNER, ACCOUNT, made);
        vm.assertEq(register(made), id);
        IProviderRegistry.Provider memory entry = registry.provider(id);
        vm.assertEq(entry.account, ACCOUNT);
        vm.assertEq(entry.owner, OWNER);
        vm.assertEq(keccak256(abi.encode(entry.offer)), keccak256(abi.encode(made)));
        vm.assertEq(uint256(entry.capacity), uint256(IProviderRegistry.Capacity.Offline));
        vm.assertFalse(entry.live);
        vm.assertEq(entry.updatedAt, START);
    }

    function test_eachPricingModelIsTaken() external {
        register(dynamicOffer());
        vm.prank(STRANGER);
        registry.register(ACCOUNT, tokenOffer());
    }

    function test_twice_itReverts() external {
        bytes32 id = register(offer());
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_AlreadyRegistered.selector, id)
        );
        register(offer());
    }

    function test_anotherOwnerMayClaimTheSameAccount_andHasAnotherId() external {
        bytes32 first = register(offer());
        vm.prank(STRANGER);
        bytes32 second = registry.register(ACCOUNT, offer());
        vm.assertNotEq(first, second);
        vm.assertEq(registry.provider(first).owner, OWNER);
    }

    function refused(IProviderRegistry.Offer memory made, string memory field) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_InvalidOffer.selector, field)
        );
        register(made);
    }

    function test_whenTheAccountIsEmptyOrTooLong_itReverts() external {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_InvalidOffer.selector, "account")
        );
        vm.prank(OWNER);
        registry.register("", offer());
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_InvalidOffer.selector, "account")
        );
        vm.prank(OWNER);
        registry.register(string(new bytes(129)), offer());
        vm.prank(OWNER);
        registry.register(string(new bytes(128)), offer());
    }

    function test_whenSomethingIsMissing_itReverts() external {
        IProviderRegistry.Offer memory made = offer();
        made.payout = address(0);
        refused(made, "payout");
        made = offer();
        made.metadataHash = 0;
        refused(made, "metadataHash");
        made = offer();
        made.baseRate = 0;
        refused(made, "baseRate");
    }

    function test_whenADynamicPriceIsOutsideItsBounds_itReverts() external {
        IProviderRegistry.Offer memory made = dynamicOffer();
        made.floorRate = 0;
        refused(made, "floorRate");
        made.floorRate = made.baseRate + 1;
        refused(made, "floorRate");
        made = dynamicOffer();
        made.ceilingRate = made.baseRate - 1;
        refused(made, "ceilingRate");
        made.floorRate = made.baseRate;
        made.ceilingRate = made.baseRate;
        register(made);
    }

    function test_whenAnotherPriceHasBounds_itReverts() external {
        IProviderRegistry.Offer memory made = offer();
        made.floorRate = 1;
        refused(made, "floorRate");
        made = offer();
        made.ceilingRate = 1;
        refused(made, "ceilingRate");
    }

    function test_whenTheTokenDoesNotFitTheModel_itReverts() external {
        IProviderRegistry.Offer memory made = tokenOffer();
        made.priceToken = address(0);
        refused(made, "priceToken");
        made = offer();
        made.priceToken = address(1);
        refused(made, "priceToken");
    }

    function test_whenThereIsNoCurator_itIsNotDeployed() external {
        vm.expectRevert(IProviderRegistry.ProviderRegistry_ZeroAddress.selector);
        new ProviderRegistry(address(0xad), address(0), 0);
    }
}

contract Update_Test is RegistryFixture {
    function test_itReplacesTheOffer() external {
        bytes32 id = register(offer());
        vm.warp(START + 1);
        IProviderRegistry.Offer memory made = tokenOffer();
        vm.expectEmit(address(registry));
        emit IProviderRegistry.OfferChanged(id, made);
        vm.prank(OWNER);
        registry.update(id, made);
        vm.assertEq(keccak256(abi.encode(registry.provider(id).offer)), keccak256(abi.encode(made)));
        vm.assertEq(registry.provider(id).updatedAt, START + 1);
    }

    function test_whenLive_theApprovalEnds() external {
        bytes32 id = register(offer());
        approve(id);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ApprovalWithdrawn(id, OWNER);
        vm.prank(OWNER);
        registry.update(id, tokenOffer());
        vm.assertFalse(registry.provider(id).live);
    }

    function test_whenTheOfferIsNotValid_itReverts() external {
        bytes32 id = register(offer());
        IProviderRegistry.Offer memory made = offer();
        made.baseRate = 0;
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_InvalidOffer.selector, "baseRate")
        );
        vm.prank(OWNER);
        registry.update(id, made);
    }

    function test_whenTheCallerIsNotTheOwner_itReverts() external {
        bytes32 id = register(offer());
        expectNotOwner();
        vm.prank(STRANGER);
        registry.update(id, offer());
    }

    function test_whenUnknown_itReverts() external {
        expectUnknown();
        registry.update(0, offer());
    }
}

contract SetRate_Test is RegistryFixture {
    function setRate(bytes32 id, uint128 rate) private {
        vm.prank(OWNER);
        registry.setRate(id, rate);
    }

    function expectOutOfRange(bytes32 id, uint128 rate) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProviderRegistry.ProviderRegistry_RateOutOfRange.selector, id, rate)
        );
    }

    function test_itMovesWithinItsBounds_andStaysLive() external {
        bytes32 id = register(dynamicOffer());
        approve(id);
        vm.warp(START + 1);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.RateChanged(id, 900_000, 800_000);
        setRate(id, 800_000);
        setRate(id, 1_000_000);
        vm.assertEq(registry.provider(id).offer.baseRate, 1_000_000);
        vm.assertTrue(registry.provider(id).live);
        vm.assertEq(registry.provider(id).updatedAt, START + 1);
    }

    function test_outsideItsBounds_itReverts() external {
        bytes32 id = register(dynamicOffer());
        expectOutOfRange(id, 799_999);
        setRate(id, 799_999);
        expectOutOfRange(id, 1_000_001);
        setRate(id, 1_000_001);
    }

    function test_whenThePriceIsFixed_itReverts() external {
        bytes32 id = register(offer());
        expectOutOfRange(id, 0);
        setRate(id, 0);
    }

    function test_whenNothingChanges_itReverts() external {
        bytes32 id = register(dynamicOffer());
        expectUnchanged(id);
        setRate(id, 900_000);
    }

    function test_whenTheCallerIsNotTheOwner_itReverts() external {
        bytes32 id = register(dynamicOffer());
        expectNotOwner();
        vm.prank(STRANGER);
        registry.setRate(id, 850_000);
    }
}

contract SetCapacity_Test is RegistryFixture {
    function test_itSaysHowMuchRoomThereIs() external {
        bytes32 id = register(offer());
        vm.warp(START + 1);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.CapacityChanged(
            id, IProviderRegistry.Capacity.Offline, IProviderRegistry.Capacity.Limited
        );
        vm.prank(OWNER);
        registry.setCapacity(id, IProviderRegistry.Capacity.Limited);
        vm.assertEq(uint256(registry.provider(id).capacity), uint256(IProviderRegistry.Capacity.Limited));
        vm.assertEq(registry.provider(id).updatedAt, START + 1);
    }

    function test_whenNothingChanges_itReverts() external {
        bytes32 id = register(offer());
        expectUnchanged(id);
        vm.prank(OWNER);
        registry.setCapacity(id, IProviderRegistry.Capacity.Offline);
    }

    function test_whenTheCallerIsNotTheOwner_itReverts() external {
        bytes32 id = register(offer());
        expectNotOwner();
        vm.prank(STRANGER);
        registry.setCapacity(id, IProviderRegistry.Capacity.Full);
    }
}

contract Approve_Test is RegistryFixture {
    function test_itMakesTheProviderLive() external {
        bytes32 id = register(offer());
        bytes32 offerHash = keccak256(abi.encode(offer()));
        vm.assertEq(registry.offerHashOf(id), offerHash);
        vm.warp(START + 1);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.Approved(id, CURATOR, offerHash);
        vm.prank(CURATOR);
        registry.approve(id, offerHash);
        vm.assertTrue(registry.provider(id).live);
        vm.assertEq(registry.provider(id).updatedAt, START + 1);
    }

    function test_aDynamicRateIsNoPartOfWhatIsApproved() external {
        bytes32 id = register(dynamicOffer());
        bytes32 offerHash = registry.offerHashOf(id);
        vm.prank(OWNER);
        registry.setRate(id, 850_000);
        vm.prank(CURATOR);
        registry.approve(id, offerHash);
        vm.assertTrue(registry.provider(id).live);
    }

    function test_whenTheOfferWasSwapped_itReverts() external {
        bytes32 id = register(offer());
        bytes32 seen = registry.offerHashOf(id);
        vm.prank(OWNER);
        registry.update(id, tokenOffer());
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ProviderRegistry_OfferChanged.selector, id, registry.offerHashOf(id)
            )
        );
        vm.prank(CURATOR);
        registry.approve(id, seen);
    }

    function test_twice_itReverts() external {
        bytes32 id = register(offer());
        approve(id);
        bytes32 offerHash = registry.offerHashOf(id);
        expectUnchanged(id);
        vm.prank(CURATOR);
        registry.approve(id, offerHash);
    }

    function test_whenTheCallerIsNotTheCurator_itReverts() external {
        bytes32 id = register(offer());
        bytes32 offerHash = registry.offerHashOf(id);
        expectNotCurator(OWNER);
        vm.prank(OWNER);
        registry.approve(id, offerHash);
    }

    function test_whenUnknown_itReverts() external {
        expectUnknown();
        registry.offerHashOf(0);
        expectUnknown();
        vm.prank(CURATOR);
        registry.approve(0, 0);
    }
}

contract WithdrawApproval_Test is RegistryFixture {
    function test_itEndsTheApproval() external {
        bytes32 id = register(offer());
        approve(id);
        vm.warp(START + 1);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ApprovalWithdrawn(id, CURATOR);
        vm.prank(CURATOR);
        registry.withdrawApproval(id);
        vm.assertFalse(registry.provider(id).live);
        vm.assertEq(registry.provider(id).updatedAt, START + 1);
    }

    function test_whenNotLive_itReverts() external {
        bytes32 id = register(offer());
        expectUnchanged(id);
        vm.prank(CURATOR);
        registry.withdrawApproval(id);
    }

    function test_whenTheCallerIsNotTheCurator_itReverts() external {
        bytes32 id = register(offer());
        approve(id);
        expectNotCurator(STRANGER);
        vm.prank(STRANGER);
        registry.withdrawApproval(id);
    }

    function test_whenUnknown_itReverts() external {
        expectUnknown();
        vm.prank(CURATOR);
        registry.withdrawApproval(0);
    }
}
