// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { AkashEscrow } from "../../src/AkashEscrow.sol";
import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { GenerousUSDC } from "../support/Tokens.sol";
import { Test } from "../support/Vm.sol";
import { EscrowHandler } from "./EscrowHandler.sol";

/// @notice What holds whoever calls, and whatever they call. README.md states each invariant in words.
contract Escrow_Invariants is Test {
    uint256 private constant SCALE = 1e12;

    EscrowHandler private handler;
    AkashEscrow private escrow;
    GenerousUSDC private usdc;

    function setUp() external {
        handler = new EscrowHandler();
        escrow = handler.escrowContract();
        usdc = handler.token();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev One campaign checks everything: each invariant function would be a campaign of its own.
    function invariant_all() external {
        vm.warp(handler.time());
        uint256 count = handler.count();
        bytes32[] memory ids = new bytes32[](count);
        IAkashEscrow.EscrowView[] memory entries = new IAkashEscrow.EscrowView[](count);
        for (uint256 i = 0; i < count; ++i) {
            ids[i] = handler.idAt(i);
            entries[i] = escrow.escrow(ids[i]);
        }
        _eachEscrowAddsUp(ids, entries);
        _noStreamPaysMoreThanItsTime(ids, entries);
        _closedIsTerminalAndTermsNeverChange(ids, entries);
        _theContractIsSolvent(ids);
        _everybodysMoneyIsSomewhere(entries);
        _policiesAreKept(ids, entries);
        vm.assertFalse(usdc.reentered(), "nothing happens inside a transfer");
    }

    function _eachEscrowAddsUp(bytes32[] memory ids, IAkashEscrow.EscrowView[] memory entries) private view {
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes32 id = ids[i];
            IAkashEscrow.EscrowView memory entry = entries[i];
            uint256 held = escrow.balanceOf(id);
            vm.assertEq(entry.deposited, handler.putIn(id), "deposited is what was put in");
            vm.assertEq(
                uint256(entry.released) + entry.refunded + held,
                entry.deposited,
                "in = released + refunded + held"
            );
            bool closed = entry.status == IAkashEscrow.Status.Closed;
            if (closed) {
                vm.assertEq(held, 0, "a closed escrow holds nothing");
            } else {
                vm.assertEq(
                    uint256(escrow.accrued(id)) + escrow.refundable(id), held, "held = owed + refundable"
                );
            }
        }
    }

    function _noStreamPaysMoreThanItsTime(bytes32[] memory ids, IAkashEscrow.EscrowView[] memory entries)
        private
        view
    {
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes32 id = ids[i];
            IAkashEscrow.EscrowView memory entry = entries[i];
            if (entry.terms.mode != IAkashEscrow.Mode.Stream) continue;
            vm.assertLe(entry.rate, entry.terms.maxRate, "the rate agreed to");
            uint256 most = uint256(entry.rate) * handler.billable(id);
            vm.assertLe(uint256(escrow.accrued(id)) * SCALE, most, "no more than the billable time");
            vm.assertLe(escrow.accrued(id), entry.deposited, "no more than the deposits");
            if (entry.status == IAkashEscrow.Status.Active && most <= uint256(entry.terms.deposit) * SCALE) {
                vm.assertEq(escrow.accrued(id), most / SCALE, "all of it, if there was always money");
            }
            if (entry.status == IAkashEscrow.Status.Closed && entry.activatedAt != 0) {
                uint256 active = entry.endedAt - entry.activatedAt;
                vm.assertLe(
                    uint256(entry.released) * SCALE, uint256(entry.rate) * active, "rate x active time"
                );
            }
        }
    }

    function _closedIsTerminalAndTermsNeverChange(
        bytes32[] memory ids,
        IAkashEscrow.EscrowView[] memory entries
    ) private view {
        for (uint256 i = 0; i < entries.length; ++i) {
            bytes32 id = ids[i];
            IAkashEscrow.EscrowView memory entry = entries[i];
            vm.assertEq(escrow.escrowId(entry.terms), id, "the terms are those of the id");
            bytes32 closedAs = handler.closedAs(id);
            if (closedAs != 0) vm.assertEq(keccak256(abi.encode(entry)), closedAs, "closed is terminal");
        }
    }

    function _theContractIsSolvent(bytes32[] memory ids) private view {
        uint256 owed = escrow.credit(handler.feeTaker());
        for (uint256 i = 0; i < ids.length; ++i) {
            owed += escrow.balanceOf(ids[i]);
        }
        for (uint256 i = 0; i < handler.BUYERS(); ++i) {
            address buyer = handler.buyerAt(i);
            vm.assertEq(escrow.keptOf(buyer), handler.keeps(buyer), "kept");
            owed += escrow.keptOf(buyer) + escrow.credit(buyer);
        }
        for (uint256 i = 0; i < handler.PAYEES(); ++i) {
            owed += escrow.credit(handler.payeeAt(i));
        }
        vm.assertEq(
            usdc.balanceOf(address(escrow)), owed + handler.donated(), "holds what it owes, and gifts"
        );
    }

    /// @dev Each payment can be traced to the unit, so that nothing was paid twice or to the wrong account.
    function _everybodysMoneyIsSomewhere(IAkashEscrow.EscrowView[] memory entries) private view {
        uint256 fees;
        for (uint256 b = 0; b < handler.BUYERS(); ++b) {
            address buyer = handler.buyerAt(b);
            uint256 found =
                usdc.balanceOf(buyer) + escrow.keptOf(buyer) + escrow.credit(buyer) + usdc.eaten(buyer);
            for (uint256 i = 0; i < entries.length; ++i) {
                IAkashEscrow.EscrowView memory entry = entries[i];
                if (entry.terms.buyer == buyer) found += entry.deposited - entry.refunded;
            }
            vm.assertEq(found, handler.made(buyer), "a buyer's money");
        }
        for (uint256 p = 0; p < handler.PAYEES(); ++p) {
            address payee = handler.payeeAt(p);
            uint256 earned;
            for (uint256 i = 0; i < entries.length; ++i) {
                IAkashEscrow.EscrowView memory entry = entries[i];
                if (entry.terms.payee != payee) continue;
                uint256 fee = uint256(entry.released) * entry.terms.feeBps / 10_000;
                fees += fee;
                earned += entry.released - fee;
            }
            vm.assertEq(
                usdc.balanceOf(payee) + escrow.credit(payee) + usdc.eaten(payee), earned, "a payee's earnings"
            );
        }
        address taker = handler.feeTaker();
        vm.assertEq(usdc.balanceOf(taker) + escrow.credit(taker) + usdc.eaten(taker), fees, "the fees");
    }

    function _policiesAreKept(bytes32[] memory ids, IAkashEscrow.EscrowView[] memory entries) private view {
        uint256 today = handler.time() / 1 days;
        for (uint256 b = 0; b < handler.BUYERS(); ++b) {
            address buyer = handler.buyerAt(b);
            uint256 open;
            for (uint256 i = 0; i < entries.length; ++i) {
                bytes32 id = ids[i];
                if (!handler.byPolicy(id)) continue;
                IAkashEscrow.EscrowView memory entry = entries[i];
                if (entry.terms.buyer != buyer) continue;
                if (entry.status != IAkashEscrow.Status.Closed) open += 1;
            }
            vm.assertEq(escrow.openOf(buyer), open, "slots");
            vm.assertEq(escrow.spentOn(buyer, today), handler.spent(buyer, today), "the day's spend");
            vm.assertLe(escrow.spentOn(buyer, today), 60e6, "no policy allows more in a day");
            vm.assertEq(escrow.policyNonce(buyer), handler.revoked(buyer), "revocations");
        }
    }
}
