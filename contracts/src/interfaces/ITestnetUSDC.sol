// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Testnet USDC
/// @notice A token without any value, for trying Necto on a test network. Six decimals, EIP-2612 permit and
/// ERC-3009, like the token it stands for.
interface ITestnetUSDC {
    /// @notice The address has already had today's share.
    /// @param who The address.
    /// @param availableAt When the next share can be had, in Unix seconds (the next UTC midnight).
    error TestnetUSDC_DailyCapReached(address who, uint256 availableAt);

    /// @notice A faucet share was minted.
    /// @param to Who received it.
    /// @param amount How much, in micro-tUSDC.
    event Dripped(address indexed to, uint256 amount);

    /// @notice What one address may have from the faucet per UTC day, in micro-tUSDC.
    function DAILY_CAP() external view returns (uint256);

    /// @notice Mints today's remaining share to the caller.
    /// @return amount What was minted, in micro-tUSDC.
    function drip() external returns (uint256 amount);

    /// @notice Mints today's remaining share to an address; anybody may call it.
    /// @param to Who receives it.
    /// @return amount What was minted, in micro-tUSDC.
    function dripTo(address to) external returns (uint256 amount);

    /// @notice Mints a part of today's share to an address; anybody may call it.
    /// @param to Who receives it.
    /// @param amount How much, in micro-tUSDC; no more than what is left of today's share.
    function mint(address to, uint256 amount) external;

    /// @notice What is left of an address's share today, in micro-tUSDC.
    /// @param who The address.
    function drippable(address who) external view returns (uint256);
}
