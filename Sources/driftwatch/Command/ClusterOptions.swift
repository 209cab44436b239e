import ArgumentParser
import Engines
import Foundation

/// Whom to ask what Kubernetes knows of this node's pods; without it, what the node's own files say has to do.
struct ClusterOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A kubelet (https://HOST:10250) or an API server, asked for this node's pods.", valueName: "url"))
    var kubernetesUrl: String?
    @Option(name: .long, help: ArgumentHelp("The token it is asked with.", valueName: "file"))
    var kubernetesTokenFile: String?
    @Option(name: .long, help: ArgumentHelp("Whom its certificate must come from (PEM).", valueName: "file"))
    var kubernetesCaFile: String?
    @Option(name: .long, help: ArgumentHelp("This node's name there; default the host's.", valueName: "name"))
    var kubernetesNode: String?

    static let keys = ["kubernetes-url", "kubernetes-token-file", "kubernetes-ca-file", "kubernetes-node"]

    /// Nil where there is nobody to ask.
    func settings(_ settings: Settings) throws(Failure) -> ClusterSettings? {
        let token: String? = try settings.value("kubernetes-token-file", flag: kubernetesTokenFile)
        let authority: String? = try settings.value("kubernetes-ca-file", flag: kubernetesCaFile)
        let node: String = try settings.value(
            "kubernetes-node", flag: kubernetesNode, else: ProcessInfo.processInfo.hostName)
        guard let url: String = try settings.value("kubernetes-url", flag: kubernetesUrl) else { return nil }
        for (flag, file) in [("--kubernetes-token-file", token), ("--kubernetes-ca-file", authority)] {
            if let file, access(file, R_OK) != 0 {
                throw Failure("cannot read \(flag) \(file): \(reason(errno)); name a file that is there")
            }
        }
        do { return try ClusterSettings(url: url, tokenFile: token, caFile: authority, node: node) } catch {
            throw Failure("--kubernetes-url \(error)", code: .usage)
        }
    }
}
