// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Compute router
/// @notice The register of routed jobs: what was decided for whom, where it can be checked, and how it went. It holds
/// no money. A tracked job names its user and its escrow; an untracked one names neither, ever.
interface IComputeRouter {
    /// @notice Whether a job may be tied to its user.
    /// @custom:value Tracked The user, and later the escrow, are on record.
    /// @custom:value Untracked Neither is, and neither can be added.
    enum Mode {
        Tracked,
        Untracked
    }

    /// @notice Where a job stands. Completed, Failed and Cancelled are final.
    /// @custom:value None Not on record.
    /// @custom:value Routed Decided, not running.
    /// @custom:value Active Running.
    /// @custom:value Completed Ran and ended as it should.
    /// @custom:value Failed Ended otherwise.
    /// @custom:value Cancelled Never ran, because its user said so.
    enum Status {
        None,
        Routed,
        Active,
        Completed,
        Failed,
        Cancelled
    }

    /// @notice What is recorded about a decision.
    /// @param provider The provider's id, as in the provider registry.
    /// @param pricePerHour The effective price, in micro-USD per hour.
    /// @param mode Whether the job may be tied to its user.
    /// @param storageRoot The 0G Storage root of the decision document; zero if it is anchored later.
    /// @param decisionHash The hash of the decision document.
    /// @param constraintsHash The hash of the constraints that were decided under.
    /// @param user Whose job it is; zero if untracked.
    struct Decision {
        bytes32 provider;
        uint128 pricePerHour;
        Mode mode;
        bytes32 storageRoot;
        bytes32 decisionHash;
        bytes32 constraintsHash;
        address user;
    }

    /// @notice A job on record.
    /// @param decision What was decided.
    /// @param status Where it stands.
    /// @param escrowId The escrow that pays for it; zero if untracked or not linked yet.
    /// @param routedAt When it was recorded, in Unix seconds.
    /// @param updatedAt When it last changed, in Unix seconds.
    struct Job {
        Decision decision;
        Status status;
        bytes32 escrowId;
        uint64 routedAt;
        uint64 updatedAt;
    }

    /// @notice A job with this id is on record already.
    /// @param id The job.
    error ComputeRouter_AlreadyRouted(bytes32 id);

    /// @notice No job with this id is on record.
    /// @param id The job.
    error ComputeRouter_UnknownJob(bytes32 id);

    /// @notice The decision cannot be recorded because of this field.
    /// @param field The field's name, as in {Decision}.
    error ComputeRouter_InvalidDecision(string field);

    /// @notice A job cannot go from the one status to the other.
    /// @param id The job.
    /// @param from Its status.
    /// @param to The status asked for.
    error ComputeRouter_InvalidTransition(bytes32 id, Status from, Status to);

    /// @notice An untracked job is never linked to an escrow.
    /// @param id The job.
    error ComputeRouter_Untracked(bytes32 id);

    /// @notice The value can be set once, and has been.
    /// @param id The job.
    error ComputeRouter_AlreadySet(bytes32 id);

    /// @notice A value that must not be zero is.
    error ComputeRouter_Zero();

    /// @notice A decision was recorded.
    /// @param id The job or route.
    /// @param provider The provider's id.
    /// @param user Whose job it is; zero if untracked.
    /// @param decision Everything that was recorded.
    event Routed(bytes32 indexed id, bytes32 indexed provider, address indexed user, Decision decision);

    /// @notice A job moved on.
    /// @param id The job.
    /// @param from From which status.
    /// @param to To which status.
    event StatusChanged(bytes32 indexed id, Status from, Status to);

    /// @notice A tracked job was linked to its escrow.
    /// @param id The job.
    /// @param escrowId The escrow.
    event EscrowLinked(bytes32 indexed id, bytes32 indexed escrowId);

    /// @notice The decision document's place in 0G Storage became known.
    /// @param id The job.
    /// @param storageRoot The document's root.
    event Anchored(bytes32 indexed id, bytes32 indexed storageRoot);

    /// @notice Records a decision. Recorder only.
    /// @param id The job's or the route's id. An untracked job uses one that nobody can compute from the job.
    /// @param decision What was decided.
    function route(bytes32 id, Decision calldata decision) external;

    /// @notice Moves a job on. Recorder only.
    /// @param id The job.
    /// @param to To which status.
    function setStatus(bytes32 id, Status to) external;

    /// @notice Links a tracked job to its escrow, once. Recorder only.
    /// @param id The job.
    /// @param escrowId The escrow.
    function linkEscrow(bytes32 id, bytes32 escrowId) external;

    /// @notice Adds the decision document's root, once, if it was not known before. Recorder only.
    /// @param id The job.
    /// @param storageRoot The root.
    function anchor(bytes32 id, bytes32 storageRoot) external;

    /// @notice A job on record; all zero if there is none.
    /// @param id The job.
    function job(bytes32 id) external view returns (Job memory);

    /// @notice The role that records.
    function RECORDER_ROLE() external view returns (bytes32);
}
