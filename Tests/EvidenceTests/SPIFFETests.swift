import Testing
import Workloads

@testable import Evidence

private let pod: Workload = {
    var workload = Workload(
        id: "k8s/shop/deployment/web/nginx", kind: .k8s, instance: "i",
        container: Container(
            id: "i", name: "nginx", runtime: "containerd", image: Image(name: "docker.io/library/nginx", tag: "1.27")),
        orchestrator: Orchestrator(
            type: "kubernetes", namespace: "shop", resourceType: "deployment", resourceName: "web"),
        labels: ["app": "web", "of-the-image": "yes"])
    workload.pod = Pod(
        namespace: "shop", name: "web-5d4f-x2z", uid: "u-1", node: "n", serviceAccount: "front", labels: ["app": "web"],
        owners: [Pod.Owner(kind: "ReplicaSet", name: "web-5d4f", uid: "r-1")])
    return workload
}()

@Suite struct SPIFFETests {
    @Test(arguments: [
        ("spiffe://example.org/ns/shop/sa/front", true), ("spiffe://example.org", true),
        ("spiffe://Example.org/x", false), ("spiffe://example.org/", false), ("spiffe://example.org/a//b", false),
        ("spiffe://example.org/a/../b", false), ("spiffe://example.org:8080/x", false), ("http://example.org/x", false),
        ("spiffe:///x", false), ("spiffe://example.org/a b", false), ("spiffe://example.org/%41", false),
    ])
    func validity(_ text: String, _ isValid: Bool) {
        #expect((SPIFFEID(text) != nil) == isValid)
        if isValid { #expect(SPIFFEID(text)?.description == text) }
    }

    static let entries = """
        {"entries": [
          {"id": "1", "spiffe_id": {"trust_domain": "example.org", "path": "/ns/shop"},
           "parent_id": {"trust_domain": "example.org", "path": "/agent"},
           "selectors": [{"type": "k8s", "value": "ns:shop"}]},
          {"id": "2", "spiffe_id": {"trust_domain": "example.org", "path": "/web"},
           "selectors": [{"type": "k8s", "value": "ns:shop"}, {"type": "k8s", "value": "sa:front"},
                         {"type": "k8s", "value": "pod-label:app:web"}]},
          {"id": "3", "spiffe_id": "spiffe://example.org/root",
           "selectors": [{"type": "k8s", "value": "ns:shop"}, {"type": "unix", "value": "uid:0"}]},
          {"id": "4", "spiffe_id": {"trust_domain": "example.org", "path": "/agent"}, "selectors": []}]}
        """

    @Test func allSelectorsOfAnEntryMustHold() throws {
        var sources = Dossiers.Sources()
        sources.registrations = try Registrations(Array(Self.entries.utf8), file: "entries.json")
        let dossiers = Dossiers(sources)
        #expect(dossiers.dossier(of: pod).identities.map(\.id.path) == ["/web", "/ns/shop"])
        let root = ProcessFacts(uid: 0, gid: 0)
        #expect(dossiers.dossier(of: pod, process: root).processIDs?.map(\.path) == ["/web", "/root", "/ns/shop"])
        let other = Workload(id: "oci/x", kind: .oci, instance: "x")
        let dossier = dossiers.dossier(of: other, process: root)
        #expect(dossier.identities.isEmpty && dossier.processIDs == nil)
        let nobody = ProcessFacts(uid: 1, gid: 1)
        #expect(dossiers.dossier(of: pod, process: nobody).processIDs == nil, "the workload's own")
    }

    struct SelectorCase: CustomTestStringConvertible {
        var testDescription: String
        var workload: Workload
        var hold: [String]
        var never: [String]
    }

    private static func container(_ runtime: String) -> Workload {
        var image = Image(name: "docker.io/library/nginx", tag: "1.27", digests: ["sha256:m", "sha256:i"])
        image.given = "nginx:1.27"
        var container = Container(id: "i", name: "web", runtime: runtime, image: image)
        container.environment = ["STAGE=prod"]
        var workload = Workload(
            id: "container/web", kind: .container, instance: "i", container: container, labels: ["team": "a"])
        workload.annotations = ["note": "b"]
        return workload
    }

    private static func changed(_ change: (inout Pod) -> Void) -> Workload {
        var workload = pod
        change(&workload.pod!)
        return workload
    }

    private static let docker = [
        "docker:label:team:a", "docker:env:STAGE=prod", "docker:image_id:nginx:1.27",
        "docker:image_config_digest:sha256:i",
    ]

    /// What spire/doc/plugin_agent_workloadattestor_{docker,k8s}.md define, of whom it holds.
    @Test(arguments: [
        SelectorCase(
            testDescription: "docker", workload: container("docker"), hold: docker,
            never: [
                "docker:label:note:b", "docker:env:STAGE", "docker:image_id:docker.io/library/nginx:1.27",
                "docker:image_config_digest:sha256:m", "k8s:container-name:web",
            ]),
        SelectorCase(
            testDescription: "podman", workload: container("podman"), hold: docker, never: ["docker:label:note:b"]),
        SelectorCase(testDescription: "containerd", workload: container("containerd"), hold: [], never: docker),
        SelectorCase(testDescription: "crun", workload: container("crun"), hold: [], never: docker),
        SelectorCase(
            testDescription: "a pod, by its runtime", workload: pod,
            hold: ["k8s:container-name:nginx", "k8s:container-image:docker.io/library/nginx:1.27"],
            never: ["k8s:pod-image:docker.io/library/nginx:1.27", "k8s:pod-image-count:1", "docker:label:app:web"]),
        SelectorCase(
            testDescription: "a pod, by its cluster",
            workload: changed {
                $0.members = [
                    Pod.Member(id: "i", images: ["nginx:1.27", "docker.io/library/nginx@sha256:m"]),
                    Pod.Member(id: "j", images: ["proxy:2"]), Pod.Member(id: nil, images: ["setup:1"], isInit: true),
                ]
            },
            hold: [
                "k8s:pod-image-count:2", "k8s:pod-init-image-count:1", "k8s:pod-image:proxy:2",
                "k8s:pod-image:nginx:1.27", "k8s:pod-init-image:setup:1", "k8s:container-image:nginx:1.27",
                "k8s:container-image:docker.io/library/nginx@sha256:m",
            ],
            never: [
                "k8s:pod-image:setup:1", "k8s:container-image:proxy:2", "k8s:pod-init-image:proxy:2",
                "k8s:pod-image-count:3",
            ]),
    ])
    func selectors(_ test: SelectorCase) {
        let selectors = Selectors(test.workload, process: nil)
        for selector in test.hold { #expect(selectors.satisfy([selector]), "\(selector)") }
        for selector in test.never { #expect(!selectors.satisfy([selector]), "\(selector)") }
    }

    /// Of environments no more is known than what entries name.
    @Test func wordsOfEnvironmentsThatAreAskedFor() throws {
        let text = """
            {"entries": [{"spiffe_id": "spiffe://td/web", "selectors": [{"type": "docker", "value": "env:STAGE=prod"},
              {"type": "docker", "value": "label:env:x"}, {"type": "unix", "value": "uid:0"}]}]}
            """
        #expect(try Registrations(Array(text.utf8), file: "e").environment == ["STAGE=prod"])
    }

    @Test func units() throws {
        let text = """
            {"entries": [{"spiffe_id": {"trust_domain": "td", "path": "/db"},
              "selectors": [{"type": "systemd", "value": "id:db.service"}, {"type": "unix", "value": "path:/usr/bin/db"}]}]}
            """
        let registrations = try Registrations(Array(text.utf8), file: "e")
        #expect(registrations.asked == ["unix:path"])
        var unit = Workload(id: "unit/db.service", kind: .unit, instance: "1")
        unit.unit = Workload.Unit(name: "db.service")
        let process = ProcessFacts(uid: 1, gid: 1, executable: "/usr/bin/db")
        #expect(registrations.ids(for: Selectors(unit, process: process)).count == 1)
        #expect(registrations.ids(for: Selectors(unit, process: nil)).isEmpty)
    }

    @Test(arguments: ["", "{}", "[]", #"{"entries": [{"spiffe_id": {"trust_domain": "A"}, "selectors": []}]}"#])
    func whatIsNoExportIsRefused(_ text: String) {
        #expect(throws: Registrations.Refusal.self) { try Registrations(Array(text.utf8), file: "e") }
    }

    @Test(arguments: [
        ("spiffe://{trust_domain}/ns/{ns}/sa/{sa}", "spiffe://td/ns/shop/sa/front"),
        ("spiffe://{trust_domain}/{pod}/{container}", "spiffe://td/web-5d4f-x2z/nginx"),
        // No unit, no ID: half an identity is none.
        ("spiffe://{trust_domain}/{unit}", nil),
    ])
    func template(_ template: String, _ id: String?) throws {
        var sources = Dossiers.Sources()
        sources.template = SPIFFETemplate(template, trustDomain: "td")
        #expect(sources.template != nil)
        #expect(Dossiers(sources).dossier(of: pod).identities.first?.id.description == id)
    }

    @Test(arguments: ["spiffe://{trust_domain}/{nope}", "http://{ns}", "spiffe://{trust_domain}/{ns", "{ns}"])
    func aTemplateThatMakesNoIDIsRefused(_ template: String) {
        #expect(SPIFFETemplate(template, trustDomain: "td") == nil)
    }
}
