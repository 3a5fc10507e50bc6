"""junit.xml: each gate as a test case, for the CI systems that show those."""

from __future__ import annotations

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from reports.aligning import AlignedRun
from reports.findings import Findings
from reports.render.gates import gate_sentence, printable


def render_junit(_run: AlignedRun, findings: Findings) -> str:
    """`failure`: the rule was not kept; `error`: it could not be judged."""
    suite = TestSuite(f"plimsoll {printable(findings.run.scenario or findings.run.directory)}")
    suite.add_property("run", printable(findings.run.directory))
    suite.add_property("verdict", printable(findings.verdict.sentence))
    for gate in findings.gates:
        case = TestCase(gate.rule, classname=suite.name)
        sentence = gate_sentence(gate)
        if gate.passed is None:
            case.result = [Error(sentence, "cannot_tell")]
        elif not gate.passed:
            case.result = [Failure(sentence, "gate")]
        else:
            case.system_out = sentence
        suite.add_testcase(case)
    document = JUnitXml("plimsoll")
    document.add_testsuite(suite)
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return text.decode("utf-8")
