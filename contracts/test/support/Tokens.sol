// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import { TestnetUSDC } from "../../src/TestnetUSDC.sol";

/// @notice The test token without a faucet's cap, and with an issuer's denylist like the token it stands for.
contract GenerousUSDC is TestnetUSDC {
    mapping(address who => bool denied) public denied;

    error Denied(address who);

    function give(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function deny(address who, bool yes) external {
        denied[who] = yes;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (denied[from]) revert Denied(from);
        if (denied[to]) revert Denied(to);
        super._update(from, to, value);
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

/// @notice Says no by returning false instead of reverting, for the addresses it is told to.
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
