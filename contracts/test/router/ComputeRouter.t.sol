// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { ComputeRouter } from "../../src/ComputeRouter.sol";
import { IComputeRouter } from "../../src/interfaces/IComputeRouter.sol";
import { Test } from "../support/Vm.sol";

abstract contract RouterFixture is Test {
    uint256 internal constant START = 1_800_000_000;
    bytes32 internal constant ID = keccak256("job");
    address internal constant RECORDER = address(0x4ec);
    address internal constant USER = address(0x05e4);

    ComputeRouter internal router;

    function setUp() external {
        vm.warp(START);
        router = new ComputeRouter(address(0xad), RECORDER, 1 days);
    }

    function decision() internal pure returns (IComputeRouter.Decision memory) {
        return IComputeRouter.Decision({
            provider: keccak256("provider"),
            pricePerHour: 520_000,
            mode: IComputeRouter.Mode.Tracked,
            storageRoot: keccak256("root"),
            decisionHash: keccak256("decision"),
            constraintsHash: keccak256("constraints"),
            user: USER
        });
    }

    function untracked() internal pure returns (IComputeRouter.Decision memory made) {
        made = decision();
        made.mode = IComputeRouter.Mode.Untracked;
        made.user = address(0);
    }

    function route(IComputeRouter.Decision memory made) internal {
        vm.prank(RECORDER);
        router.route(ID, made);
    }

    function move(IComputeRouter.Status to) internal {
        vm.prank(RECORDER);
        router.setStatus(ID, to);
    }

    function expectMissingRole(address caller) internal {
        vm.expectRevert(
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", caller, router.RECORDER_ROLE()
            )
        );
    }

    function expectUnknown() internal {
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.ComputeRouter_UnknownJob.selector, ID));
    }
}

contract Route_Test is RouterFixture {
    function test_itRecordsTheWholeDecision() external {
        IComputeRouter.Decision memory made = decision();
        vm.expectEmit(address(router));
        emit IComputeRouter.Routed(ID, made.provider, USER, made);
        route(made);
        IComputeRouter.Job memory job = router.job(ID);
        vm.assertEq(keccak256(abi.encode(job.decision)), keccak256(abi.encode(made)));
        vm.assertEq(uint256(job.status), uint256(IComputeRouter.Status.Routed));
        vm.assertEq(job.escrowId, 0);
        vm.assertEq(job.routedAt, START);
        vm.assertEq(job.updatedAt, START);
    }

    function test_untracked_itRecordsNoUser() external {
        route(untracked());
        vm.assertEq(router.job(ID).decision.user, address(0));
    }

    function test_twice_itReverts() external {
        route(decision());
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.ComputeRouter_AlreadyRouted.selector, ID));
        route(decision());
    }

    function refused(IComputeRouter.Decision memory made, string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.ComputeRouter_InvalidDecision.selector, field));
        route(made);
    }

    function test_whenSomethingIsMissing_itReverts() external {
        IComputeRouter.Decision memory made = decision();
        made.provider = 0;
        refused(made, "provider");
        made = decision();
        made.decisionHash = 0;
        refused(made, "decisionHash");
        made = decision();
        made.constraintsHash = 0;
        refused(made, "constraintsHash");
    }

    function test_whenTrackedWithoutAUser_itReverts() external {
        IComputeRouter.Decision memory made = decision();
        made.user = address(0);
        refused(made, "user");
    }

    function test_whenUntrackedWithAUser_itReverts() external {
        IComputeRouter.Decision memory made = untracked();
        made.user = USER;
        refused(made, "user");
    }

    function test_whenThereIsNoId_itReverts() external {
        vm.expectRevert(IComputeRouter.ComputeRouter_Zero.selector);
        vm.prank(RECORDER);
        router.route(0, decision());
    }

    function test_whenTheCallerIsNotTheRecorder_itReverts() external {
        expectMissingRole(USER);
        vm.prank(USER);
        router.route(ID, decision());
    }

    function test_whenThereIsNoRecorder_itIsNotDeployed() external {
        vm.expectRevert(IComputeRouter.ComputeRouter_Zero.selector);
        new ComputeRouter(address(0xad), address(0), 0);
    }
}

contract SetStatus_Test is RouterFixture {
    /// @dev Every pair of statuses, allowed or not.
    function test_onlyTheDrawnTransitionsAreAllowed() external {
        for (uint256 from = 1; from <= 5; ++from) {
            for (uint256 to = 0; to <= 5; ++to) {
                uint256 state = vm.snapshotState();
                reach(IComputeRouter.Status(from));
                bool allowed =
                    (from == 1 && (to == 2 || to == 4 || to == 5)) || (from == 2 && (to == 3 || to == 4));
                if (!allowed) {
                    vm.expectRevert(
                        abi.encodeWithSelector(
                            IComputeRouter.ComputeRouter_InvalidTransition.selector, ID, from, to
                        )
                    );
                } else {
                    vm.expectEmit(address(router));
                    emit IComputeRouter.StatusChanged(
                        ID, IComputeRouter.Status(from), IComputeRouter.Status(to)
                    );
                }
                move(IComputeRouter.Status(to));
                vm.assertEq(uint256(router.job(ID).status), allowed ? to : from);
                vm.assertTrue(vm.revertToState(state));
            }
        }
    }

    function reach(IComputeRouter.Status status) private {
        route(decision());
        if (status == IComputeRouter.Status.Completed) move(IComputeRouter.Status.Active);
        if (status != IComputeRouter.Status.Routed) move(status);
    }

    function test_itNotesWhen() external {
        route(decision());
        vm.warp(START + 5);
        move(IComputeRouter.Status.Active);
        vm.assertEq(router.job(ID).updatedAt, START + 5);
        vm.assertEq(router.job(ID).routedAt, START);
    }

    function test_whenUnknown_itReverts() external {
        expectUnknown();
        move(IComputeRouter.Status.Active);
    }

    function test_whenTheCallerIsNotTheRecorder_itReverts() external {
        route(decision());
        expectMissingRole(USER);
        vm.prank(USER);
        router.setStatus(ID, IComputeRouter.Status.Active);
    }
}

contract LinkEscrow_Test is RouterFixture {
    function link(bytes32 escrowId) private {
        vm.prank(RECORDER);
        router.linkEscrow(ID, escrowId);
    }

    function test_aTrackedJobIsLinkedOnce() external {
        route(decision());
        vm.warp(START + 1);
        vm.expectEmit(address(router));
        emit IComputeRouter.EscrowLinked(ID, "escrow");
        link("escrow");
        vm.assertEq(router.job(ID).escrowId, "escrow");
        vm.assertEq(router.job(ID).updatedAt, START + 1);
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.ComputeRouter_AlreadySet.selector, ID));
        link("another");
    }

    function test_anUntrackedJobNeverIs() external {
        route(untracked());
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.ComputeRouter_Untracked.selector, ID));
        link("escrow");
    }

    function test_whenThereIsNoEscrow_itReverts() external {
        route(decision());
        vm.expectRevert(IComputeRouter.ComputeRouter_Zero.selector);
        link(0);
    }

    function test_whenUnknown_itReverts() external {
        expectUnknown();
        link("escrow");
    }

    function test_whenTheCallerIsNotTheRecorder_itReverts() external {
        route(decision());
        expectMissingRole(USER);
        vm.prank(USER);
        router.linkEscrow(ID, "escrow");
    }
}

contract Anchor_Test is RouterFixture {
    function anchor(bytes32 root) private {
        vm.prank(RECORDER);
        router.anchor(ID, root);
    }

    function test_aRootIsAddedOnce() external {
        IComputeRouter.Decision memory made = decision();
        made.storageRoot = 0;
        route(made);
        vm.warp(START + 1);
        vm.expectEmit(address(router));
        emit IComputeRouter.Anchored(ID, "root");
        anchor("root");
        vm.assertEq(router.job(ID).decision.storageRoot, "root");
        vm.assertEq(router.job(ID).updatedAt, START + 1);
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.ComputeRouter_AlreadySet.selector, ID));
        anchor("another");
    }

    function test_aRootKnownFromTheStartStays() external {
        route(decision());
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.ComputeRouter_AlreadySet.selector, ID));
        anchor("another");
    }

    function test_whenThereIsNoRoot_itReverts() external {
        route(decision());
        vm.expectRevert(IComputeRouter.ComputeRouter_Zero.selector);
        anchor(0);
    }

    function test_whenUnknown_itReverts() external {
        expectUnknown();
        anchor("root");
    }

    function test_whenTheCallerIsNotTheRecorder_itReverts() external {
        route(decision());
        expectMissingRole(USER);
        vm.prank(USER);
        router.anchor(ID, "root");
    }
}
