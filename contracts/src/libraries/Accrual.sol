// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Accrual
/// @notice The arithmetic of a stream, without state. `crates/domain/src/escrow.rs` has the same in Rust, and both
/// are tested on the same vectors.
/// @dev A deposit below 2^128 and a scale of 1e12 keep every accrued value below 2^168; rate times time is below
/// 2^193. Nothing here can overflow 256 bits.
library Accrual {
    /// @notice How many scaled units make a micro-USDC.
    uint256 internal constant SCALE = 1e12;

    /// @notice Hundredths of a per cent in a whole.
    uint256 internal constant BPS = 10_000;

    /// @notice The last second that may be billed: now, or the end of the heartbeat window if that is over.
    function billableUntil(uint256 nowAt, uint256 lastSignOfLife, uint256 window)
        internal
        pure
        returns (uint256)
    {
        uint256 silentAfter = lastSignOfLife + window;
        return nowAt < silentAfter ? nowAt : silentAfter;
    }

    /// @notice What has accrued when the stream is billed up to a second, never more than the deposits.
    /// @dev Capping the value is billing up to the exact moment of depletion, without rounding that moment.
    function advance(
        uint256 accruedScaled,
        uint256 rate,
        uint256 checkpoint,
        uint256 until,
        uint256 deposited
    ) internal pure returns (uint256) {
        if (until <= checkpoint) return accruedScaled;
        uint256 next = accruedScaled + rate * (until - checkpoint);
        uint256 most = deposited * SCALE;
        return next < most ? next : most;
    }

    /// @notice What is owed when the lease ended at `endedAt`: no more than accrued, and no more than the rate gives
    /// from activation to then.
    function owedAt(uint256 accruedScaled, uint256 rate, uint256 activatedAt, uint256 endedAt)
        internal
        pure
        returns (uint256)
    {
        if (endedAt <= activatedAt) return 0;
        uint256 most = rate * (endedAt - activatedAt);
        return accruedScaled < most ? accruedScaled : most;
    }

    /// @notice Whole micro-units of a scaled amount, rounded down.
    function floored(uint256 scaled) internal pure returns (uint256) {
        return scaled / SCALE;
    }

    /// @notice The part of an amount that is the fee, rounded down.
    function feeOf(uint256 amount, uint256 feeBps) internal pure returns (uint256) {
        return (amount * feeBps) / BPS;
    }

    /// @notice The first second in which the deposits are used up.
    /// @dev The rate is not zero: activation sees to that.
    function runsOutAt(uint256 accruedScaled, uint256 rate, uint256 checkpoint, uint256 deposited)
        internal
        pure
        returns (uint256)
    {
        uint256 left = deposited * SCALE - accruedScaled;
        return checkpoint + (left + rate - 1) / rate;
    }

    /// @notice Whether a deposit lasts for a time at a rate.
    function lasts(uint256 deposit, uint256 rate, uint256 time) internal pure returns (bool) {
        return deposit * SCALE >= rate * time;
    }
}
