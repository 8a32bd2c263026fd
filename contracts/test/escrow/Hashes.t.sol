// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { AkashEscrow } from "../../src/AkashEscrow.sol";
import { TestnetUSDC } from "../../src/TestnetUSDC.sol";
import { IAkashEscrow } from "../../src/interfaces/IAkashEscrow.sol";
import { IKeptBalance } from "../../src/interfaces/IKeptBalance.sol";
import { EscrowFixture } from "../support/EscrowFixture.sol";
import { GenerousUSDC } from "../support/Tokens.sol";

/// @notice What the contracts hash, compared with the file that `crates/evm-types` reads too.
contract Hashes_Test is EscrowFixture {
    string private json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("test/vectors/hashes.json");
        // The same contracts at the addresses and on the chain of the file. Code that moved recomputes its signing
        // domain, so what the constructors stored does not matter.
        vm.chainId(number("chainId"));
        vm.etch(who("escrow"), address(escrow).code);
        escrow = AkashEscrow(who("escrow"));
        vm.etch(who("token"), address(new TestnetUSDC()).code);
        usdc = GenerousUSDC(who("token"));
    }

    function number(string memory key) private view returns (uint256) {
        return vm.parseJsonUint(json, string.concat(".", key));
    }

    function who(string memory key) private view returns (address) {
        return vm.parseJsonAddress(json, string.concat(".", key));
    }

    function hash(string memory key) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, string.concat(".", key));
    }

    function stream() private view returns (IAkashEscrow.Terms memory terms) {
        terms = IAkashEscrow.Terms({
            mode: IAkashEscrow.Mode.Stream,
            buyer: who("buyer"),
            payee: who("payee"),
            deposit: uint128(number("deposit")),
            maxRate: uint128(number("maxRate")),
            activateBy: uint64(number("activateBy")),
            heartbeatWindow: uint64(number("heartbeatWindow")),
            feeBps: uint16(number("feeBps")),
            orderHash: hash("orderHash"),
            salt: hash("salt"),
            arbiter: address(0),
            timeout: 0
        });
    }

    function completion() private view returns (IAkashEscrow.Terms memory terms) {
        terms = stream();
        terms.mode = IAkashEscrow.Mode.Completion;
        terms.maxRate = 0;
        terms.activateBy = 0;
        terms.heartbeatWindow = 0;
        terms.arbiter = who("arbiter");
        terms.timeout = uint64(number("timeout"));
    }

    function policy() private view returns (IKeptBalance.SpendPolicy memory) {
        address[] memory payees = new address[](2);
        payees[0] = who("payee");
        payees[1] = who("arbiter");
        return IKeptBalance.SpendPolicy({
            buyer: who("buyer"),
            payees: payees,
            maxRate: uint128(number("maxRate")),
            maxFeeBps: 250,
            minRunTime: 3_600,
            maxHeartbeatWindow: uint64(number("heartbeatWindow")),
            maxPerOrder: 20e6,
            maxPerDay: 50e6,
            maxOpen: 3,
            expiry: uint64(number("deadline")),
            nonce: 7
        });
    }

    function typed(bytes32 separator, bytes memory message) private pure returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", separator, keccak256(message)));
    }

    function check(bytes32 computed, string memory key) private view {
        vm.assertEq(computed, hash(key), key);
    }

    function test_everythingHashesAsInTheSharedFile() external view {
        bytes32 id = escrow.escrowId(stream());
        check(id, "streamId");
        check(escrow.escrowId(completion()), "completionId");
        check(escrow.policyDigest(policy()), "policyDigest");
        check(escrow.keepNonce(who("buyer"), hash("salt")), "keepNonce");
        check(escrow.topUpNonce(id, uint128(number("toPayee")), uint128(number("deposit"))), "topUpNonce");
        check(escrowSeparator(), "escrowSeparator");
        bytes memory agreed = abi.encode(AGREEMENT_TYPEHASH, id, number("toPayee"), number("deadline"));
        check(typed(escrowSeparator(), agreed), "agreementDigest");
        check(usdc.DOMAIN_SEPARATOR(), "tokenSeparator");
        bytes memory received = abi.encode(
            RECEIVE_TYPEHASH, who("buyer"), who("escrow"), number("deposit"), 0, number("validBefore"), id
        );
        check(typed(usdc.DOMAIN_SEPARATOR(), received), "receiveDigest");
        bytes memory permitted = abi.encode(
            PERMIT_TYPEHASH, who("buyer"), who("escrow"), number("deposit"), 3, number("deadline")
        );
        check(typed(usdc.DOMAIN_SEPARATOR(), permitted), "permitDigest");
    }
}
