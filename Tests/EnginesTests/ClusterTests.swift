import Companions
import Foundation
import Synchronization
import Testing
import Workloads

@testable import Engines

/// A server that speaks as a kubelet does, over https.
@Suite(.serialized, .enabled(if: Kubelet.isReady, "needs python3 and openssl")) struct ClusterTests {
    @Test func aStaleAnswerIsBetterThanNone() async throws {
        let kubelet = try Kubelet(behaviour: "answers")
        defer { kubelet.stop() }
        let heard = Heard()
        let api = try kubelet.ask(heard)
        let first = try #require(await heard.news(1).first)
        #expect(first.count == 1)
        kubelet.set("behaviour", "refuses")
        let stale = try #require(await heard.news(2).last)
        #expect(stale != first && stale.count == 1)
        kubelet.set("behaviour", "answers")
        let fresh = try #require(await heard.news(3).last)
        #expect(fresh == first)
        #expect(heard.warnings.count == 1 && heard.warnings.first?.contains("401") == true)
        withExtendedLifetime(api) {}
    }

    @Test(arguments: ["silent", "hangs up", "redirects", "garbage", "deep", "endless", "refuses"])
    func whatIsNoAnswerIsOneWarning(_ behaviour: String) async throws {
        let kubelet = try Kubelet(behaviour: behaviour)
        defer { kubelet.stop() }
        let heard = Heard()
        let api = try kubelet.ask(heard)
        await heard.warning()
        // Asked again, it says nothing new.
        try await Task.sleep(for: .seconds(1))
        #expect(heard.warnings.count == 1 && heard.news.isEmpty, "\(heard.warnings)")
        // And it is believed as soon as it behaves.
        kubelet.set("behaviour", "answers")
        #expect(await heard.news(1).count == 1)
        withExtendedLifetime(api) {}
    }

    @Test func aServerOfAnotherAuthorityIsNotAsked() async throws {
        let kubelet = try Kubelet(behaviour: "answers")
        defer { kubelet.stop() }
        let heard = Heard()
        let api = try kubelet.ask(heard, authority: "other.pem")
        await heard.warning()
        #expect(heard.news.isEmpty)
        // The file is read again once it has changed.
        kubelet.set("other.pem", try String(contentsOfFile: kubelet.directory + "/ca.pem", encoding: .utf8))
        #expect(await heard.news(1).count == 1)
        withExtendedLifetime(api) {}
    }

    @Test func aTokenThatIsReplacedIsReadAgain() async throws {
        let kubelet = try Kubelet(behaviour: "answers")
        defer { kubelet.stop() }
        kubelet.set("wanted", "new")
        let heard = Heard()
        let api = try kubelet.ask(heard)
        await heard.warning()
        kubelet.set("token", "new\n")
        #expect(await heard.news(1).count == 1)
        withExtendedLifetime(api) {}
    }

    @Test(arguments: [
        ("https://10.0.0.1:6443", "https://10.0.0.1:6443/api/v1/pods?fieldSelector=spec.nodeName%3Dn-1"),
        ("https://10.0.0.1:10250", "https://10.0.0.1:10250/pods"),
        ("https://10.0.0.1:10250/", "https://10.0.0.1:10250/pods"),
        ("https://proxy.example/k8s/pods?x=1", "https://proxy.example/k8s/pods?x=1"),
        ("http://127.0.0.1:10255", "http://127.0.0.1:10255/pods"),
        ("http://10.0.0.1:10255", nil), ("ftp://127.0.0.1", nil), ("kubelet", nil), ("", nil),
    ])
    func whatIsAskedFor(_ url: String, _ asked: String?) {
        let settings = try? ClusterSettings(url: url, node: "n-1")
        #expect(settings?.url.replacing("spec.nodeName=", with: "spec.nodeName%3D") == asked)
        #expect((try? ClusterSettings(url: "http://127.0.0.1:10255", tokenFile: "/t", node: "n-1")) == nil)
    }
}

/// What was told, and what was complained of.
private final class Heard: Sendable {
    private let state = Mutex<(news: [PodList], warnings: [String])>(([], []))
    var news: [PodList] { state.withLock { $0.news } }
    var warnings: [String] { state.withLock { $0.warnings } }
    func tell(_ list: PodList) { state.withLock { $0.news.append(list) } }
    func warn(_ line: String) { state.withLock { $0.warnings.append(line) } }

    /// So many pieces of news, or as many as came in the time that a busy machine may need.
    func news(_ count: Int) async -> [PodList] {
        for _ in 0..<3000 where news.count < count { try? await Task.sleep(for: .milliseconds(10)) }
        return news
    }

    func warning() async {
        for _ in 0..<3000 where warnings.isEmpty { try? await Task.sleep(for: .milliseconds(10)) }
    }
}

private final class Kubelet: Sendable {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Support/pods.py").standardized.path
    static var isReady: Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            access("\($0)/openssl", X_OK) == 0
        }
    }
    private static let list = """
        {"kind": "PodList", "items": [{"metadata": {"name": "web", "namespace": "shop", "uid": "u-1"},
          "spec": {"nodeName": "n-1", "serviceAccountName": "front"}}]}
        """

    let directory: String
    private let port: Int
    private let process: Companion

    init(behaviour: String) throws {
        directory = NSTemporaryDirectory() + "kubelet-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let files = ["behaviour": behaviour, "pods.json": Self.list, "token": "old\n", "wanted": "old"]
        for (name, text) in files {
            try text.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
        }
        process = try Companion(["python3", Self.script, directory])
        port = try #require(Int(process.line()))
    }

    func set(_ name: String, _ text: String) {
        try? text.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
    }

    func ask(_ heard: Heard, authority: String = "ca.pem") throws -> ClusterAPI {
        let settings = try ClusterSettings(
            url: "https://127.0.0.1:\(port)/pods", tokenFile: directory + "/token",
            caFile: directory + "/" + authority, node: "n-1", beat: .milliseconds(200), patience: .seconds(3))
        return ClusterAPI(settings, warn: { heard.warn($0) }, tell: { heard.tell($0) })
    }

    func stop() {
        kill(process.pid, SIGKILL)
        try? FileManager.default.removeItem(atPath: directory)
    }
}
