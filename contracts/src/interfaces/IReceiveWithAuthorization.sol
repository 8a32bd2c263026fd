// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The part of ERC-3009 that the escrow calls
/// @notice A token that takes a transfer the sender has signed, from the recipient alone.
interface IReceiveWithAuthorization {
    /// @notice Moves tokens to the caller as the sender has signed.
    /// @param from Who pays, and signed.
    /// @param to Who is paid; must be the caller.
    /// @param value How much.
    /// @param validAfter The authorization is valid after this second.
    /// @param validBefore The authorization is valid before this second.
    /// @param nonce Unique to the authorization.
    /// @param v The signature.
    /// @param r The signature.
    /// @param s The signature.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
}
