// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";

/// @notice The gas costs of the journey's calls, kept in `snapshots/` so that changes are visible.
contract Gas_Test is EscrowFixture {
    function note(string memory name) private {
        vm.snapshotGasLastCall("AkashEscrow", name);
    }

    function test_whatAStreamCosts() external {
        bytes32 id = givenFunded();
        note("fund");
        vm.prank(settler);
        escrow.activate(id, RATE);
        note("activate");
        pass(60);
        beat(id);
        note("heartbeat");
        approve(buyer, 1e6);
        vm.prank(buyer);
        escrow.topUp(id, 1e6, DEPOSIT);
        note("topUp");
        bytes32 nonce = escrow.topUpNonce(id, 1e6, DEPOSIT + 1e6);
        bytes memory signature = authorization(BUYER_KEY, address(escrow), 1e6, 0, START + 1 days, nonce);
        escrow.topUpWithAuthorization(id, 1e6, DEPOSIT + 1e6, 0, START + 1 days, signature);
        note("topUpWithAuthorization");
        pass(60);
        vm.prank(buyer);
        escrow.close(id);
        note("close");
        escrow.withdraw(payee);
        note("withdraw");
    }

    function test_whatTheOtherWaysCost() external {
        IAkashEscrow.Terms memory terms = streamTerms();
        bytes32 id = escrow.escrowId(terms);
        bytes memory signature =
            authorization(BUYER_KEY, address(escrow), terms.deposit, 0, terms.activateBy, id);
        escrow.fundWithAuthorization(terms, 0, terms.activateBy, signature);
        note("fundWithAuthorization");
        vm.prank(settler);
        escrow.end(id, 0);
        note("end before activation");

        terms.salt = bytes32(uint256(2));
        id = givenFunded(terms);
        vm.prank(buyer);
        escrow.cancel(id);
        note("cancel");

        terms.salt = bytes32(uint256(3));
        id = givenFunded(terms);
        pass(1 hours + 1);
        escrow.reclaim(id);
        note("reclaim");

        givenKept(50e6);
        note("keep");
        terms.salt = bytes32(uint256(4));
        terms.activateBy = uint64(nowAt() + 1 hours);
        IKeptBalance.SpendPolicy memory policy = policyFor(terms);
        signature = policySignature(BUYER_KEY, policy);
        vm.prank(settler);
        escrow.fundFromKept(terms, policy, signature);
        note("fundFromKept");
    }
}
