// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { ERC3009 } from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

import { ITestnetUSDC } from "./interfaces/ITestnetUSDC.sol";

/// @title TestnetUSDC
/// @notice See {ITestnetUSDC}. Nobody has a privileged role: the faucet is open and capped per address and day.
contract TestnetUSDC is ITestnetUSDC, ERC20, ERC20Permit, ERC3009 {
    string private constant _NAME = "Testnet USDC (no value)";

    /// @inheritdoc ITestnetUSDC
    uint256 public constant DAILY_CAP = 1_000e6;

    mapping(address who => mapping(uint256 day => uint256 amount)) private _minted;

    constructor() ERC20(_NAME, "tUSDC") ERC20Permit(_NAME) { }

    /// @inheritdoc ITestnetUSDC
    function drip() external returns (uint256 amount) {
        return _drip(msg.sender);
    }

    /// @inheritdoc ITestnetUSDC
    function dripTo(address to) external returns (uint256 amount) {
        return _drip(to);
    }

    /// @inheritdoc ITestnetUSDC
    function mint(address to, uint256 amount) external {
        _mintShare(to, amount);
    }

    /// @inheritdoc ITestnetUSDC
    function drippable(address who) public view returns (uint256) {
        return DAILY_CAP - _minted[who][_today()];
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _drip(address to) private returns (uint256 amount) {
        amount = drippable(to);
        if (amount == 0) revert TestnetUSDC_DailyCapReached(to, (_today() + 1) * 1 days);
        _mintShare(to, amount);
    }

    function _mintShare(address to, uint256 amount) private {
        if (amount > drippable(to)) revert TestnetUSDC_DailyCapReached(to, (_today() + 1) * 1 days);
        _minted[to][_today()] += amount;
        _mint(to, amount);
        emit Dripped(to, amount);
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
