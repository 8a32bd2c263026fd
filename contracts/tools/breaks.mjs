// The breaks that mutate.mjs makes: a comparison, a role, a min, an update order, a missing heartbeat, and so on. `from`
// must occur exactly once in the file.

const escrow = (what, from, to) => ({ file: "AkashEscrow.sol", what, from, to });
const kept = (what, from, to) => ({ file: "KeptBalance.sol", what, from, to });
const accrual = (what, from, to) => ({ file: "libraries/Accrual.sol", what, from, to });
const other = (file, what, from, to) => ({ file, what, from, to });

export const BREAKS = [
  escrow("activate above the maximum rate", "rate == 0 || rate > terms.maxRate", "rate == 0"),
  escrow("activate at a rate of zero", "rate == 0 || rate > terms.maxRate", "rate > terms.maxRate"),
  escrow(
    "activate a second too early closed",
    "block.timestamp > terms.activateBy) revert",
    "block.timestamp >= terms.activateBy) revert",
  ),
  escrow(
    "anybody activates",
    "function activate(bytes32 id, uint128 rate) external whenNotPaused onlyRole(SETTLER_ROLE)",
    "function activate(bytes32 id, uint128 rate) external whenNotPaused",
  ),
  escrow(
    "activate while paused",
    "function activate(bytes32 id, uint128 rate) external whenNotPaused onlyRole(SETTLER_ROLE)",
    "function activate(bytes32 id, uint128 rate) external onlyRole(SETTLER_ROLE)",
  ),
  escrow(
    "activation forgets the first sign of life",
    "        ledger.lastSignOfLife = nowAt;\n",
    "",
  ),
  escrow(
    "a heartbeat past the window",
    "        _requireAlive(id, ledger);\n\n        _accrue(ledger);",
    "        _accrue(ledger);",
  ),
  escrow(
    "a heartbeat that does not count",
    "        _accrue(ledger);\n        ledger.lastSignOfLife = _now();",
    "        ledger.lastSignOfLife = _now();",
  ),
  escrow(
    "a heartbeat that is no sign of life",
    "        _accrue(ledger);\n        ledger.lastSignOfLife = _now();",
    "        _accrue(ledger);",
  ),
  escrow(
    "anybody beats",
    "function heartbeat(bytes32 id) external onlyRole(SETTLER_ROLE)",
    "function heartbeat(bytes32 id) external",
  ),
  escrow(
    "anybody cancels",
    "        _requireBuyer(ledger);\n        _require(id, ledger, Status.Funded);",
    "        _require(id, ledger, Status.Funded);",
  ),
  escrow(
    "anybody closes",
    "        _requireBuyer(ledger);\n        _require(id, ledger, Status.Active);",
    "        _require(id, ledger, Status.Active);",
  ),
  escrow(
    "a pause blocks cancelling",
    "function cancel(bytes32 id) external nonReentrant {",
    "function cancel(bytes32 id) external nonReentrant whenNotPaused {",
  ),
  escrow(
    "a pause blocks closing",
    "function close(bytes32 id) external nonReentrant {",
    "function close(bytes32 id) external nonReentrant whenNotPaused {",
  ),
  escrow(
    "anybody ends",
    "function end(bytes32 id, uint64 endedAt) external nonReentrant onlyRole(SETTLER_ROLE)",
    "function end(bytes32 id, uint64 endedAt) external nonReentrant",
  ),
  escrow("a lease ends in the future", "if (endedAt > block.timestamp) revert", "if (endedAt > block.timestamp + 1) revert"),
  escrow(
    "an early end is billed to now",
    "Accrual.owedAt(ledger.accruedScaled, ledger.rate, activatedAt, endedAt)",
    "ledger.accruedScaled",
  ),
  escrow(
    "reclaim while the operator is alive",
    "            _requirePast(_silentAfter(ledger));\n",
    "",
  ),
  escrow(
    "reclaim in the last second",
    "if (block.timestamp <= moment) revert AkashEscrow_TooEarly(moment);",
    "if (block.timestamp < moment) revert AkashEscrow_TooEarly(moment);",
  ),
  escrow(
    "reclaim a completion before its timeout",
    "            _requirePast(ledger.terms.timeout);\n",
    "",
  ),
  escrow(
    "arbitrate after the timeout",
    "        if (block.timestamp > ledger.terms.timeout) revert AkashEscrow_TooLate(ledger.terms.timeout);\n",
    "",
  ),
  escrow(
    "anybody arbitrates",
    "        if (msg.sender != ledger.terms.arbiter) revert AkashEscrow_NotArbiter(msg.sender);\n",
    "",
  ),
  escrow(
    "one party agrees with itself",
    "SignatureChecker.isValidSignatureNowCalldata(other, digest",
    "SignatureChecker.isValidSignatureNowCalldata(msg.sender, digest",
  ),
  escrow(
    "more is split than is held",
    "        if (toPayee > ledger.deposited) revert AkashEscrow_SplitTooLarge(toPayee, ledger.deposited);\n",
    "        if (toPayee > ledger.deposited) toPayee = ledger.deposited;\n",
  ),
  escrow("withdraw twice", "        credit[who] = 0;\n", ""),
  escrow("withdraw somebody else's credit", "token.safeTransfer(who, amount);", "token.safeTransfer(msg.sender, amount);"),
  escrow(
    "a top-up bills the gap before it",
    "            _accrue(ledger);\n        } else {",
    "        } else {",
  ),
  escrow(
    "the same top-up twice",
    "        _requireBuyer(ledger);\n        _requireDeposited(id, ledger, deposited);",
    "        _requireBuyer(ledger);",
  ),
  escrow(
    "a signed top-up for whatever was put in",
    "        _requireDeposited(id, ledger, deposited);\n        _grow(id, ledger, amount);\n        bytes32 nonce",
    "        _grow(id, ledger, amount);\n        bytes32 nonce",
  ),
  escrow(
    "a signed top-up for any amount",
    "abi.encode(_TOP_UP_TAG, block.chainid, address(this), id, amount, deposited)",
    "abi.encode(_TOP_UP_TAG, block.chainid, address(this), id, deposited)",
  ),
  escrow(
    "a signed top-up for any escrow",
    "abi.encode(_TOP_UP_TAG, block.chainid, address(this), id, amount, deposited)",
    "abi.encode(_TOP_UP_TAG, block.chainid, address(this), amount, deposited)",
  ),
  escrow("closed is not terminal", "        ledger.status = Status.Closed;\n", ""),
  escrow("the fee is paid on top", "_addCredit(ledger.terms.payee, owed - fee);", "_addCredit(ledger.terms.payee, owed);"),
  escrow(
    "a refused refund is lost",
    "if (refund != 0 && !token.trySafeTransfer(buyer, refund)) _addCredit(buyer, refund);",
    "if (refund != 0) token.trySafeTransfer(buyer, refund);",
  ),
  escrow(
    "a refused refund blocks the end",
    "if (refund != 0 && !token.trySafeTransfer(buyer, refund)) _addCredit(buyer, refund);",
    "if (refund != 0) token.safeTransfer(buyer, refund);",
  ),
  escrow(
    "reentering while closing",
    "function close(bytes32 id) external nonReentrant {",
    "function close(bytes32 id) external {",
  ),
  escrow(
    "somebody else funds from a buyer's allowance",
    "        if (msg.sender != terms.buyer) revert AkashEscrow_NotBuyer(msg.sender);\n        return _open(terms);",
    "        return _open(terms);",
  ),
  kept(
    "an order above the policy's limit",
    '        if (terms.deposit > policy.maxPerOrder) revert AkashEscrow_OutsidePolicy("maxPerOrder");\n',
    "",
  ),
  kept(
    "a top-up above the policy's limit",
    "if (uint256(deposited) + amount > policy.maxPerOrder) {",
    "if (false) {",
  ),
  kept(
    "more in a day than the policy allows",
    '        if (spent > policy.maxPerDay) revert AkashEscrow_OutsidePolicy("maxPerDay");\n',
    "",
  ),
  kept("the day's spend is not noted", "        spentOn[policy.buyer][today] = spent;\n", ""),
  kept("a revoked policy", 'if (policy.nonce != policyNonce[policy.buyer]) revert AkashEscrow_OutsidePolicy("nonce");', ""),
  kept("slots are not taken", "        openOf[policy.buyer] += 1;\n", ""),
  kept("slots are not freed", "if (policyOf[id] != 0) openOf[buyer] -= 1;", ""),
  kept("a deposit that does not last", "if (!Accrual.lasts(terms.deposit, terms.maxRate, policy.minRunTime)) {", "if (false) {"),
  kept("a payee the policy does not name", 'if (!_names(policy.payees, terms.payee)) revert AkashEscrow_OutsidePolicy("payees");', ""),
  kept("a top-up under another policy", '        if (policyOf[id] != digest) revert AkashEscrow_OutsidePolicy("order");\n', ""),
  kept("a policy nobody signed", "revert AkashEscrow_InvalidPolicySignature();", ""),
  kept(
    "a pause blocks withdrawing what is kept",
    "function withdrawKept(uint256 amount) external nonReentrant {",
    "function withdrawKept(uint256 amount) external nonReentrant whenNotPaused {",
  ),
  kept("tokens that do not arrive", "if (received != amount) revert AkashEscrow_DepositMismatch(amount, received);", "received;"),
  accrual("no cap at the deposits", "return next < most ? next : most;", "return next;"),
  accrual("billing past the window", "return nowAt < silentAfter ? nowAt : silentAfter;", "return nowAt;"),
  accrual("an end owes its whole time", "return accruedScaled < most ? accruedScaled : most;", "return most;"),
  accrual("the fee in thousandths", "return (amount * feeBps) / BPS;", "return (amount * feeBps) / 1_000;"),
  accrual("runs out a second early", "(left + rate - 1) / rate", "left / rate"),
  other("ComputeRouter.sol", "an untracked job gets its escrow", "if (entry.decision.mode == Mode.Untracked) revert ComputeRouter_Untracked(id);", ""),
  other("ProviderRegistry.sol", "an offer swapped under the curator", "if (offerHash != current) revert ProviderRegistry_OfferChanged(id, current);", ""),
  other("ProviderRegistry.sol", "an approval outlives the offer", "if (entry.live) _withdraw(id, entry);", ""),
  other("TestnetUSDC.sol", "a faucet without a cap", "        _minted[to][_today()] += amount;\n", ""),
];
