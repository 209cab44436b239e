import Events
import Foundation
import Testing

@testable import Baselines

/// What other tools say, and what is said to them.
@Suite struct FormatTests {
    private static let fixtures =
        ((#filePath as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent + "/Fixtures"

    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: Self.fixtures + "/" + name)))
    }

    /// DRIFTWATCH_GOLDENS=write makes what is found the golden.
    private func expect(_ text: String, golden name: String) throws {
        let path = Self.fixtures + "/" + name
        if ProcessInfo.processInfo.environment["DRIFTWATCH_GOLDENS"] == "write" {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(text == String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self))
    }

    private func shown(_ profiles: [Profile]) -> String {
        profiles.map { profile in
            BaselineWriter.file(profile.baseline) + profile.leftOut.map { "# \($0)\n" }.joined()
        }.joined(separator: "---\n")
    }

    @Test(arguments: ["application-profile.yaml", "network-neighborhood.json", "container-profile.yaml"])
    func kubescapeIsTaken(_ name: String) throws {
        let profiles = try Profile.parse(bytes("kubescape/" + name), file: name)
        // What was made of it can be written, and read again.
        for profile in profiles {
            let again = try BaselineFile.parse(BaselineWriter.file(profile.baseline), file: name)
            #expect(again.map(\.baseline.spec) == [profile.baseline.spec])
        }
        let golden = (name as NSString).deletingPathExtension + ".golden.yaml"
        try expect(shown(Profile.joined(profiles)), golden: "kubescape/" + golden)
    }

    @Test func programsAndPeersOfOneWorkloadAreOneBaseline() throws {
        let profiles =
            try Profile.parse(bytes("kubescape/network-neighborhood.json"), file: "nn")
            + Profile.parse(bytes("kubescape/application-profile.yaml"), file: "ap")
        let joined = Profile.joined(profiles)
        #expect(
            joined.map(\.baseline.key.workload) == ["k8s/shop/deployment/web/nginx", "k8s/shop/deployment/web/setup"])
        let web = try #require(joined.first)
        #expect(web.kinds == Set(Kind.allCases) && web.baseline.key.digest != nil && web.baseline.image == "nginx:1.27")
        #expect(!web.baseline.spec.exec.isEmpty && !web.baseline.spec.connect.isEmpty)
        #expect(joined[1].kinds == [.exec, .open])
    }

    /// As CompareDynamic of kubescape/storage has it.
    @Test(arguments: [
        ("/etc/*", "/etc/passwd", true), ("/etc/*", "/etc/a/b", true), ("/etc/*", "/etc", false),
        ("/a/*/b", "/a/b", true), ("/a/*/b", "/a/x/y/b", true), ("/a/*/b", "/a/x", false),
        ("/a/*/*", "/a/x", true), ("/a/*/*", "/a", false), ("/proc/⋯/stat", "/proc/12/stat", true),
        ("/proc/⋯/stat", "/proc/1/2/stat", false), ("/a/⋯", "/a", false), ("/tmp/foo*", "/tmp/foobar", false),
        ("/tmp/foo*", "/tmp/foo*", true), ("/tmp/x⋯", "/tmp/xy", false), ("*", "/", true), ("*", "/a/b", true),
        ("/a\\b", "/a\\b", true), ("/etc/", "/etc", true),
    ])
    func pathsMeanTheSame(_ pattern: String, _ path: String, _ matches: Bool) throws {
        let spec = try profile("opens: [{path: \(YAMLText.scalar(pattern)), flags: [O_RDONLY]}]").baseline.spec
        #expect(BaselineIndex(spec).knows(open(path)) == matches, "\(spec)")
    }

    /// As CompareExecArgs of kubescape/storage has it.
    @Test(arguments: [
        (["x"], ["x"], true), (["x"], ["x", "y"], false), ([], ["x", "y"], true), (["x", "⋯"], ["x", "y"], true),
        (["x", "⋯"], ["x"], false), (["x", "⋯"], ["x", "y", "z"], false), (["x", "⋯⋯"], ["x"], true),
        (["x", "⋯⋯"], ["x", "y", "z"], true), (["x", "*"], ["x", "y"], false), (["x", "*"], ["x", "*"], true),
        (["x", "/a/⋯/b"], ["x", "/a/y/b"], true), (["x", "/a/⋯/b"], ["x", "/a/y/z/b"], false),
        // The path that was run stands where the name does.
        (["/bin/x", "y"], ["x", "y"], true), (["/bin/x", "y"], ["/bin/x", "y"], true), (["/bin/x"], ["z"], false),
    ])
    func argumentsMeanTheSame(_ pattern: [String], _ words: [String], _ matches: Bool) throws {
        let args = pattern.map(YAMLText.scalar).joined(separator: ", ")
        let spec = try profile("execs: [{path: /bin/x, args: [\(args)]}]").baseline.spec
        let behaviour = Behaviour.exec(ExecBehaviour(executable: "/bin/x", parent: "/p", arguments: words))
        #expect(BaselineIndex(spec).knows(behaviour) == matches, "\(spec)")
    }

    /// As networkmatch of kubescape/storage has it.
    @Test(arguments: [
        ("stripe.com.", "stripe.com", true), ("*.example.com.", "a.example.com", true),
        ("*.example.com", "a.b.example.com", false), ("*.example.com", "example.com", false),
        ("svc.⋯.local.", "svc.a.local", true), ("svc.⋯.local.", "svc.a.b.local", false),
        ("mycorp.com.*", "mycorp.com.api", true), ("mycorp.com.*", "mycorp.com.api.v1", true),
        ("mycorp.com.*", "mycorp.com", false),
    ])
    func domainsMeanTheSame(_ pattern: String, _ domain: String, _ matches: Bool) throws {
        let spec = try profile(
            "egress: [{identifier: x, dnsNames: [\(YAMLText.scalar(pattern))], ports: [{protocol: TCP, port: 443}]}]"
        ).baseline.spec
        #expect(BaselineIndex(spec).knows(connect("192.0.2.1", 443, domain)) == matches, "\(spec)")
    }

    private func profile(_ spec: String) throws -> Profile {
        let text = """
            apiVersion: spdx.softwarecomposition.kubescape.io/v1beta1
            kind: ContainerProfile
            metadata: {name: x}
            spec:
              \(spec)
            """
        let profiles = try Profile.parse(Array(text.utf8), file: "f.yaml", workload: "container/x")
        #expect(profiles.map(\.leftOut) == [[]])
        return try #require(profiles.first)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var line: Int
        var says: String
        var testDescription: String { name }

        static let all = [
            Bad(
                name: "no workload", text: "kind: ContainerProfile\nmetadata: {name: x}\nspec: {}", line: 3,
                says: "--workload"),
            Bad(name: "other kind", text: "kind: SBOMSyft\nspec: {}", line: 2, says: "kind must be"),
            Bad(name: "no kind", text: "spec: {}", line: 1, says: "kind is missing"),
            Bad(name: "no spec", text: "kind: ContainerProfile", line: 1, says: "spec is missing"),
            Bad(
                name: "container without a name", text: "kind: ApplicationProfile\nspec:\n  containers:\n  - execs: []",
                line: 5, says: "needs a name"),
            Bad(
                name: "opens a mapping", text: profile("opens: {path: /x}"), line: 5, says: "opens must be a list"),
            Bad(name: "exec without a path", text: profile("execs: [{args: [x]}]"), line: 5, says: "needs a path"),
            Bad(
                name: "port of words",
                text: profile("egress: [{ipAddress: 10.0.0.1, ports: [{protocol: TCP, port: http}]}]"), line: 5,
                says: "port must be"),
            Bad(
                name: "endless nesting", text: profile("callStack: " + String(repeating: "[", count: 400)), line: 5,
                says: "nested deeper than 256"),
        ]

        private static func profile(_ spec: String) -> String {
            "kind: ContainerProfile\nmetadata: {labels: {kubescape.io/workload-kind: Pod, kubescape.io/workload-name: p, "
                + "kubescape.io/workload-container-name: c}}\nspec:\n  \(spec)"
        }
    }

    @Test(arguments: Bad.all) func aBadProfileIsRefusedByItsPlace(_ bad: Bad) {
        let text = "apiVersion: spdx.softwarecomposition.kubescape.io/v1beta1\n" + bad.text
        let refusal = #expect(throws: FileRefusal.self) { try Profile.parse(Array(text.utf8), file: "f.yaml") }
        #expect(
            refusal?.line == bad.line && refusal?.reason.contains(bad.says) == true, "\(String(describing: refusal))")
    }

    @Test func aListIsTakenAsItsItems() throws {
        let profile = String(decoding: try bytes("kubescape/network-neighborhood.json"), as: UTF8.self)
        let list = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\(profile), \(profile)]}"
        let items = try Profile.parse(Array(list.utf8), file: "l")
        let alone = try Profile.parse(Array(profile.utf8), file: "l")
        #expect(items.map(\.baseline) == [alone[0].baseline, alone[0].baseline])
    }

    /// Where `run` and `check` read baselines a profile is told what it is.
    @Test func whereOnlyBaselinesAreReadAProfileIsRefused() throws {
        let refusal = #expect(throws: FileRefusal.self) {
            try BaselineFile.parse(bytes("kubescape/application-profile.yaml"), file: "ap")
        }
        #expect(refusal?.reason.contains("driftwatch baseline import takes it") == true)
    }

    // MARK: Drafts

    @Test(arguments: Draft.Format.allCases) func draftsSayWhatTheyCannot(_ format: Draft.Format) throws {
        let baselines = try BaselineFile.parse(bytes("drafts/web.yaml"), file: "web.yaml").map(\.baseline)
        let draft = Draft.of(baselines, as: format)
        try expect(
            draft.text + draft.leftOut.map { "# \($0)\n" }.joined(), golden: "drafts/web.\(format.rawValue).golden")
    }

    @Test func kubescapeComesBackAsItWas() throws {
        let text = """
            apiVersion: driftwatch/v1
            kind: Baseline
            metadata: {workload: k8s/shop/deployment/web/nginx, image: "nginx:1.27", digest: "sha256:aa"}
            spec:
              exec:
                - {exe: /usr/sbin/nginx}
                - {exe: /bin/true, args: []}
                - {exe: /bin/sh, args: ["*", -c, "**"]}
              connect:
                - {exe: "*", domain: "*.example.com", port: 443, transport: tcp}
                - {exe: "*", domain: a.*.example.com, port: 443, transport: tcp}
                - {exe: "*", cidr: 10.0.0.0/8, port: 5432, transport: tcp}
              listen:
                - {exe: "*", port: 80, transport: tcp}
              open:
                - {exe: "*", path: /etc/nginx/**, access: [read]}
                - {exe: "*", path: /proc/*/stat, access: [read]}
                - {exe: "*", path: /a/**/b, access: [create, read, write]}
            """
        let baseline = try #require(try BaselineFile.parse(text, file: "f").first).baseline
        for formats in [[Draft.Format.kubescape], [.applicationprofile, .networkneighborhood]] {
            var profiles: [Profile] = []
            for format in formats {
                profiles += try Profile.parse(Array(Draft.of([baseline], as: format).text.utf8), file: "f")
            }
            let back = try #require(Profile.joined(profiles).first)
            #expect(back.baseline.spec == baseline.spec.canonical && back.baseline.key == baseline.key)
        }
    }

    @Test func aPolicySaysClassesInBlocks() throws {
        let key = BaselineKey(workload: "k8s/shop/deployment/web/nginx")
        func peers(_ scope: String) throws -> String {
            let spec = try BaselineFile.parseSpec("connect: [{exe: /a, class: \(scope), port: 443, transport: tcp}]")
            return Draft.of([Baseline(key: key, spec: spec)], as: .networkpolicy).text
        }
        let others = try peers("public")
        #expect(others.contains("cidr: 0.0.0.0/0, except: [") && others.contains(" 10.0.0.0/8,"), "\(others)")
        let own = try peers("private")
        #expect(own.contains("{cidr: 10.0.0.0/8}") && own.contains("fc00::/7") && !own.contains("except"), "\(own)")
        #expect(try peers("loopback").contains("egress: []"))
    }

    @Test func aPolicyIsOfPodsAlone() {
        let draft = Draft.of([Baseline(key: BaselineKey(workload: "container/web"))], as: .networkpolicy)
        #expect(draft.text.isEmpty && draft.leftOut.count == 1)
    }
}
