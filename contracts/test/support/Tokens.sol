// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import { TestnetUSDC } from "../../src/TestnetUSDC.sol";

/// @notice The test token without a faucet's cap, with an issuer's denylist like the token that it represents, and
/// with moods in which tests can put it.
contract GenerousUSDC is TestnetUSDC {
    /// @custom:value Plain As it should be.
    /// @custom:value TakesFee A hundredth of every transfer disappears.
    /// @custom:value ReturnsFalse `transfer` and `transferFrom` move nothing and report it without reverting.
    /// @custom:value Reenters Every transfer calls back.
    enum Mood {
        Plain,
        TakesFee,
        ReturnsFalse,
        Reenters
    }

    Mood public mood;
    mapping(address who => bool denied) public denied;
    mapping(address who => uint256 amount) public eaten;
    bool public reentered;

    address private _target;
    bytes private _call;
    bool private _within;

    error Denied(address who);

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function deny(address who, bool yes) external {
        denied[who] = yes;
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    /// @dev What a transfer calls in the reentering mood.
    function arm(address target, bytes calldata call) external {
        _target = target;
        _call = call;
    }

    function feeOn(uint256 value) public view returns (uint256) {
        return mood == Mood.TakesFee ? value / 100 : 0;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return mood == Mood.ReturnsFalse ? false : super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return mood == Mood.ReturnsFalse ? false : super.transferFrom(from, to, value);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (denied[from]) revert Denied(from);
        if (denied[to]) revert Denied(to);
        super._update(from, to, value);
        if (from == address(0)) return;
        if (mood == Mood.TakesFee) {
            eaten[to] += feeOn(value);
            super._update(to, address(0), feeOn(value));
        }
        if (mood == Mood.Reenters && _target != address(0) && !_within) {
            _within = true;
            (bool worked,) = _target.call(_call);
            if (worked) reentered = true;
            _within = false;
        }
    }
}

/// @notice Keeps a hundredth of what is transferred.
contract FeeOnTransferToken is ERC20 {
    constructor() ERC20("Fee", "FEE") { }

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value / 100);
    }
}

/// @notice Accepts only authorizations with the signature as `bytes`, and nothing else of that standard.
contract BytesOnlyToken is ERC20 {
    constructor() ERC20("Bytes", "BYTES") { }

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32,
        bytes calldata
    ) external {
        _transfer(from, to, value);
    }
}

/// @notice Refuses by returning false instead of reverting, for the addresses that tests choose.
contract FalseReturningToken is ERC20 {
    mapping(address who => bool refused) public refused;

    constructor() ERC20("False", "FALSE") { }

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function refuse(address who, bool yes) external {
        refused[who] = yes;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return refused[to] ? false : super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return refused[from] ? false : super.transferFrom(from, to, value);
    }
}

/// @notice Claims success and moves nothing when told to.
contract LyingToken is ERC20 {
    bool public lies;

    constructor() ERC20("Lying", "LIE") { }

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setLies(bool yes) external {
        lies = yes;
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return lies ? true : super.transferFrom(from, to, value);
    }
}

/// @notice Calls back into a target during every transfer, as tokens with hooks can.
contract ReentrantToken is ERC20 {
    address public target;
    bytes public data;
    bool public attempted;
    bool public succeeded;
    bytes public answer;

    constructor() ERC20("Reentrant", "RE") { }

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function arm(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
        attempted = false;
        succeeded = false;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target != address(0) && !attempted) {
            attempted = true;
            (succeeded, answer) = target.call(data);
        }
    }
}
