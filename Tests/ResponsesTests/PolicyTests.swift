import Baselines
import Drift
import Foundation
import Testing

@testable import Responses

/// What people write under `response:`.
@Suite struct PolicyTests {
    static func read(_ yaml: String) throws -> ResponsePolicy {
        let value = try YAMLValue.documents(Array(yaml.utf8), file: "config.yaml")[0]
        return try PolicyReader.policy(value)
    }

    static func policy(match: String = "{}", steps: String = "[{restrict: }]", more: String = "") -> String {
        "{policies: [{name: p, match: \(match), steps: \(steps)\(more)}]}"
    }

    @Test func whatIsWritten() throws {
        let policy = try Self.read(
            """
            mode: enforce
            protect: [k8s/kube-system/**]
            most-per-minute: 7
            stop-file: /run/stop
            policies:
              - name: stolen-token
                match: {rules: [open.credential, exec.*], severity: 70, workloads: [k8s/**], baseline: [armed, candidate], count: 3, within: 90s}
                approval: {for: 2h}
                steps:
                  - notify: {webhook: "https://example.test/{workload}", method: PUT, body: '{"w": "{workload}"}', timeout: 2s}
                  - revoke: {command: [/bin/true, "{path}"]}
                  - restrict: {for: 90s}
                  - freeze:
                  - kill: {scope: workload}
            """)
        #expect(policy.mode == .enforce && policy.mostPerMinute == 7 && policy.stopFile == "/run/stop")
        #expect(policy.protected == ["k8s/kube-system/**"])
        let one = try #require(policy.policies.first)
        #expect(one.match.rules.contains(.openCredential) && one.match.rules.contains(.execShell))
        #expect(!one.match.rules.contains(.connectUnexpected) && one.match.baselines == ["armed", "candidate"])
        #expect(one.match.count == 3 && one.match.within == 90 && one.approval == 7200)
        #expect(one.steps.map(\.kind) == StepKind.allCases)
        #expect(one.steps[2] == .restrict(90) && one.steps[3] == .freeze(300) && one.steps[4] == .kill(.workload))
        #expect(policy.enforces(.kill))
    }

    @Test func nothingIsDoneUntilItIsAskedFor() throws {
        let policy = try Self.read(Self.policy(steps: "[{kill: }]"))
        #expect(policy.mode == .dryRun && !policy.enforces(.kill))
        #expect(policy.policies[0].match.baselines == ["armed"] && policy.policies[0].steps == [.kill(.process)])
        #expect(policy.policies[0].approval == nil)
    }

    @Test(arguments: [
        ("{mode: enforce}", "policies is missing"),
        ("{mode: enforced, policies: []}", "unknown value \"enforced\" in mode; is enforce meant?"),
        ("{polices: []}", "unknown key \"polices\" in response; is policies meant?"),
        ("{policies: [{match: {}, steps: [{freeze: }]}]}", "the policy has no name"),
        ("{policies: [{name: p, steps: [{freeze: }]}]}", "match is missing"),
        ("{policies: [{name: p, match: {}}]}", "steps is missing"),
        (policy(steps: "[]"), "steps is empty"),
        (policy(match: "{rules: [open.credentail]}"), "unknown rule \"open.credentail\"; is open.credential meant?"),
        (policy(match: "{rules: [exce.*]}"), "unknown rule"),
        (policy(match: "{severity: 0}"), "severity must be a whole number from 1 to 100"),
        (policy(match: "{baseline: [learnt]}"), "unknown state \"learnt\" in baseline"),
        (policy(match: "{within: soon}"), "within must be a time as in 30s"),
        (policy(match: "{workloads: ['a**b']}"), "bad glob"),
        (policy(steps: "[{restrict: {for: 25h}}]"), "for may be 1d at the most"),
        (policy(steps: "[{freeze: {for: 2h}}]"), "for may be 1h at the most"),
        (policy(steps: "[{freeze: , kill: }]"), "a step is one of"),
        (policy(steps: "[{kill: {scope: node}}]"), "unknown value \"node\" in scope"),
        (policy(steps: "[{notify: {}}]"), "needs either a webhook or a command"),
        (policy(steps: "[{notify: {command: [page]}}]"), "whole path of a program"),
        (policy(steps: "[{notify: {command: [/bin/none]}}]"), "cannot be run: no such file"),
        (policy(steps: "[{notify: {command: [/bin/true], body: x}}]"), "body is for a webhook"),
        (policy(steps: "[{notify: {webhook: 'ftp://x'}}]"), "must be a URL of http or https"),
        (policy(steps: "[{notify: {webhook: 'http://x/{worklaod}'}}]"), "is workload meant?"),
        (policy(steps: "[{notify: {webhook: 'http://x', timeout: 2m}}]"), "timeout may be 1m at the most"),
        (policy(steps: "[{notify: {webhook: 'http://x', secret-file: /none}}]"), "cannot read the secret /none"),
        (policy(more: ", approval: maybe"), "approval must be true or false"),
        (
            "{policies: [{name: p, match: {}, steps: [{kill: }]}, {name: p, match: {}, steps: [{kill: }]}]}",
            "two policies"
        ),
    ])
    func refused(_ yaml: String, _ why: String) throws {
        let error = try #require(throws: FileRefusal.self) { try Self.read(yaml) }
        #expect(error.description.contains(why), "\(error)")
        #expect(error.description.hasPrefix("config.yaml:1:"), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test func aSecretThatOthersMayReadIsRefused() throws {
        let path = NSTemporaryDirectory() + "/secret-\(UUID().uuidString)"
        defer { unlink(path) }
        try "s3cret\n".write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o640)
        let error = try #require(throws: ActionError.self) { try KeyFile.read(path) }
        #expect(
            error.description.contains("others may read or change") && error.description.contains("0640"), "\(error)")
        chmod(path, 0o600)
        #expect(try KeyFile.read(path) == Array("s3cret".utf8))
        try "\n".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(throws: ActionError.self) { try KeyFile.read(path) }
    }

    @Test(arguments: [
        ("{workload}", "a\"b\\c\n/{rule}", "a\\\"b\\\\c\\u000a/{rule}"),
        ("{\"w\": \"{workload}\"}", "x", "{\"w\": \"x\"}"), ("{", "x", "{"), ("{}{ {workload", "x", "{}{ {workload"),
        ("{workload}{workload}", "é", "éé"),
    ])
    func aTemplateIsFilled(_ text: String, _ value: String, _ filled: String) throws {
        #expect(try Template(text).filled([.workload: value], quote: Template.inJSON) == filled)
    }

    @Test func aValueStaysOnePartOfAURL() throws {
        let url = try Template("http://x/{workload}?p={path}")
        #expect(
            url.filled([.workload: "a/../b?c#d", .path: "/run/é"], quote: Template.inURL)
                == "http://x/a%2F..%2Fb%3Fc%23d?p=%2Frun%2F%C3%A9")
        #expect(throws: Template.Unknown(word: "nobody")) { try Template("{nobody}") }
    }
}
