// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { Accrual } from "../../src/libraries/Accrual.sol";

/// @notice Checked for every value at once by halmos (`npm run audit`), in narrow types: the cost of the solver's
/// multiplications grows with their width. The fuzz tests check the full width by example, and the fee, whose
/// division no solver here finishes.
contract Accrual_Symbolic {
    function check_advance_isBounded(
        uint16 deposited,
        uint16 rate,
        uint8 checkpoint,
        uint8 until,
        uint64 accrued
    ) external pure {
        uint256 most = uint256(deposited) * Accrual.SCALE;
        if (accrued > most) return;
        uint256 next = Accrual.advance(accrued, rate, checkpoint, until, deposited);
        assert(next >= accrued);
        assert(next <= most);
        if (until <= checkpoint) assert(next == accrued);
        else assert(next - accrued <= uint256(rate) * (uint256(until) - checkpoint));
    }

    function check_advance_countsEverySecond(uint16 deposited, uint16 rate, uint8 checkpoint, uint8 until)
        external
        pure
    {
        if (until < checkpoint) return;
        uint256 due = uint256(rate) * (uint256(until) - checkpoint);
        if (due > uint256(deposited) * Accrual.SCALE) return;
        assert(Accrual.advance(0, rate, checkpoint, until, deposited) == due);
    }

    function check_billableUntil_isTheEarlier(uint64 nowAt, uint64 last, uint64 window) external pure {
        uint256 until = Accrual.billableUntil(nowAt, last, window);
        uint256 silentAfter = uint256(last) + window;
        assert(until <= nowAt && until <= silentAfter);
        assert(until == nowAt || until == silentAfter);
    }

    function check_owedAt_isTheLesser(uint64 accrued, uint16 rate, uint16 activatedAt, uint16 endedAt)
        external
        pure
    {
        uint256 owed = Accrual.owedAt(accrued, rate, activatedAt, endedAt);
        if (endedAt <= activatedAt) {
            assert(owed == 0);
            return;
        }
        uint256 most = uint256(rate) * (uint256(endedAt) - activatedAt);
        assert(owed <= accrued && owed <= most);
        assert(owed == accrued || owed == most);
    }
}
