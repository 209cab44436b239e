import Foundation

/// As whom a pod speaks to its cluster, told by the token that the kubelet keeps for it on the node.
///
/// Only what the token says is read, never kept; its signature is not checked: that the kubelet put it into a volume of
/// this pod, and that it names this pod, is what vouches for it.
enum ServiceAccount {
    static let kubelet = "/var/lib/kubelet"
    /// Volumes of one pod that are looked into.
    private static let most = 32
    /// Real ones have 1 to 2 KiB.
    private static let largest = 64 << 10

    /// `directory` is the pod's own, below the kubelet's; nil where no token there names this pod.
    static func name(uid: String, namespace: String, directory: String) -> String? {
        let volumes = directory + "/volumes/kubernetes.io~projected"
        for volume in Files.directories(in: volumes, limit: most).sorted() {
            guard let token = try? Files.read("\(volumes)/\(volume)/token", limit: largest),
                let claims = claims(token)?["kubernetes.io"],
                claims["pod"]["uid"].string == uid, claims["namespace"].string == namespace,
                let name = claims["serviceaccount"]["name"].string
            else { continue }
            return name
        }
        return nil
    }

    /// Where the kubelet keeps what belongs to a pod. What it mounts into each container leads there.
    static func directory(uid: String, mounts: JSON) -> String? {
        // It becomes a part of paths.
        guard isPlain(uid) else { return nil }
        let own = "/pods/\(uid)/"
        for mount in mounts.array.prefix(1024) {
            guard let place = mount["destination"].string, given.contains(place),
                let source = mount["source"].string, source.hasPrefix("/"), let range = source.range(of: own)
            else { continue }
            return String(source[..<range.upperBound].dropLast())
        }
        return "\(kubelet)/pods/\(uid)"
    }

    /// Places in a container where it is the kubelet that mounts something.
    private static let given: Set = [
        "/etc/hosts", "/dev/termination-log", "/var/run/secrets/kubernetes.io/serviceaccount",
        "/run/secrets/kubernetes.io/serviceaccount",
    ]

    private static func isPlain(_ uid: String) -> Bool {
        !uid.isEmpty && uid.utf8.count <= 128
            && uid.utf8.allSatisfy { ImageReference.isHex($0) || (0x67...0x7a).contains($0) || $0 == 0x2d }
    }

    /// The middle part of a JSON web token.
    private static func claims(_ token: [UInt8]) -> JSON? {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = String(decoding: parts[1], as: UTF8.self).replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        return Data(base64Encoded: text).flatMap { JSON(bytes: Array($0)) }
    }
}
