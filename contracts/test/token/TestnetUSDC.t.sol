// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { TestnetUSDC } from "../../src/TestnetUSDC.sol";
import { ITestnetUSDC } from "../../src/interfaces/ITestnetUSDC.sol";
import { Test } from "../support/Vm.sol";

contract TestnetUSDC_Test is Test {
    uint256 private constant START = 1_800_000_000;
    address private constant WHO = address(0xa11ce);

    TestnetUSDC private usdc;

    function setUp() external {
        vm.warp(START);
        usdc = new TestnetUSDC();
    }

    function expectCapReached() private {
        uint256 midnight = (START / 1 days + 1) * 1 days;
        vm.expectRevert(
            abi.encodeWithSelector(ITestnetUSDC.TestnetUSDC_DailyCapReached.selector, WHO, midnight)
        );
    }

    function test_itsNameSaysItHasNoValue() external view {
        vm.assertEq(usdc.name(), "Testnet USDC (no value)");
        vm.assertEq(usdc.symbol(), "tUSDC");
        vm.assertEq(usdc.decimals(), 6);
        vm.assertEq(usdc.totalSupply(), 0);
        vm.assertEq(usdc.DAILY_CAP(), 1_000e6);
    }

    function test_dripGivesTheCallerTodaysShare() external {
        vm.expectEmit(address(usdc));
        emit ITestnetUSDC.Dripped(WHO, 1_000e6);
        vm.prank(WHO);
        vm.assertEq(usdc.drip(), 1_000e6);
        vm.assertEq(usdc.balanceOf(WHO), 1_000e6);
        vm.assertEq(usdc.drippable(WHO), 0);
    }

    function test_dripTwiceADay_itReverts_andTomorrowItGives() external {
        vm.prank(WHO);
        usdc.drip();
        expectCapReached();
        vm.prank(WHO);
        usdc.drip();
        vm.warp((START / 1 days + 1) * 1 days);
        vm.prank(WHO);
        usdc.drip();
        vm.assertEq(usdc.balanceOf(WHO), 2_000e6);
    }

    function test_dripToGivesSomebodyElseTheirShare() external {
        vm.assertEq(usdc.dripTo(WHO), 1_000e6);
        vm.assertEq(usdc.balanceOf(WHO), 1_000e6);
        vm.assertEq(usdc.drippable(address(this)), 1_000e6, "the caller's own share is untouched");
    }

    function test_mintGivesAPart_andDripTheRest() external {
        usdc.mint(WHO, 400e6);
        vm.assertEq(usdc.drippable(WHO), 600e6);
        vm.assertEq(usdc.dripTo(WHO), 600e6);
    }

    function test_mintAboveTheShare_itReverts() external {
        usdc.mint(WHO, 400e6);
        expectCapReached();
        usdc.mint(WHO, 600e6 + 1);
    }

    function testFuzz_noDayGivesMoreThanTheCap(uint256[8] calldata amounts) external {
        for (uint256 i = 0; i < amounts.length; ++i) {
            try usdc.mint(WHO, bound(amounts[i], 0, 1_001e6)) { } catch { }
        }
        vm.assertLe(usdc.balanceOf(WHO), 1_000e6);
    }
}
