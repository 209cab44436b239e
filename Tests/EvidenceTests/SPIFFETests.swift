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
