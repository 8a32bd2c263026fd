// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import { IComputeRouter } from "./interfaces/IComputeRouter.sol";

/// @title ComputeRouter
/// @notice See {IComputeRouter}.
contract ComputeRouter is IComputeRouter, AccessControlDefaultAdminRules {
    /// @inheritdoc IComputeRouter
    bytes32 public constant RECORDER_ROLE = keccak256("RECORDER_ROLE");

    mapping(bytes32 id => Job job) private _jobs;

    /// @param admin Who grants roles.
    /// @param recorder Who records.
    /// @param adminDelay How long a change of admin must be announced, in seconds.
    constructor(address admin, address recorder, uint48 adminDelay)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        if (recorder == address(0)) revert ComputeRouter_Zero();
        _grantRole(RECORDER_ROLE, recorder);
    }

    /// @inheritdoc IComputeRouter
    function route(bytes32 id, Decision calldata decision) external onlyRole(RECORDER_ROLE) {
        if (id == 0) revert ComputeRouter_Zero();
        Job storage entry = _jobs[id];
        if (entry.status != Status.None) revert ComputeRouter_AlreadyRouted(id);
        _check(decision);

        entry.decision = decision;
        entry.status = Status.Routed;
        entry.routedAt = uint64(block.timestamp);
        entry.updatedAt = uint64(block.timestamp);
        emit Routed(id, decision.provider, decision.user, decision);
    }

    /// @inheritdoc IComputeRouter
    function setStatus(bytes32 id, Status to) external onlyRole(RECORDER_ROLE) {
        Job storage entry = _known(id);
        Status from = entry.status;
        if (!_follows(from, to)) revert ComputeRouter_InvalidTransition(id, from, to);
        entry.status = to;
        entry.updatedAt = uint64(block.timestamp);
        emit StatusChanged(id, from, to);
    }

    /// @inheritdoc IComputeRouter
    function linkEscrow(bytes32 id, bytes32 escrowId) external onlyRole(RECORDER_ROLE) {
        Job storage entry = _known(id);
        if (entry.decision.mode == Mode.Untracked) revert ComputeRouter_Untracked(id);
        if (escrowId == 0) revert ComputeRouter_Zero();
        if (entry.escrowId != 0) revert ComputeRouter_AlreadySet(id);
        entry.escrowId = escrowId;
        entry.updatedAt = uint64(block.timestamp);
        emit EscrowLinked(id, escrowId);
    }

    /// @inheritdoc IComputeRouter
    function anchor(bytes32 id, bytes32 storageRoot) external onlyRole(RECORDER_ROLE) {
        Job storage entry = _known(id);
        if (storageRoot == 0) revert ComputeRouter_Zero();
        if (entry.decision.storageRoot != 0) revert ComputeRouter_AlreadySet(id);
        entry.decision.storageRoot = storageRoot;
        entry.updatedAt = uint64(block.timestamp);
        emit Anchored(id, storageRoot);
    }

    /// @inheritdoc IComputeRouter
    function job(bytes32 id) external view returns (Job memory) {
        return _jobs[id];
    }

    function _known(bytes32 id) private view returns (Job storage entry) {
        entry = _jobs[id];
        if (entry.status == Status.None) revert ComputeRouter_UnknownJob(id);
    }

    function _check(Decision calldata decision) private pure {
        if (decision.provider == 0) revert ComputeRouter_InvalidDecision("provider");
        if (decision.decisionHash == 0) revert ComputeRouter_InvalidDecision("decisionHash");
        if (decision.constraintsHash == 0) revert ComputeRouter_InvalidDecision("constraintsHash");
        bool tracked = decision.mode == Mode.Tracked;
        if ((decision.user == address(0)) == tracked) revert ComputeRouter_InvalidDecision("user");
    }

    function _follows(Status from, Status to) private pure returns (bool) {
        if (from == Status.Routed) {
            return to == Status.Active || to == Status.Failed || to == Status.Cancelled;
        }
        return from == Status.Active && (to == Status.Completed || to == Status.Failed);
    }
}
