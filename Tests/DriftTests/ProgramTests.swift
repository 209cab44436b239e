import Drift
import Testing

@Suite struct ProgramTests {
    struct Case: Sendable {
        var executable: String
        var words: [String]
        var name: String
        var isShell = false
        var isInterpreter = false
    }

    static let cases: [Case] = [
        Case(executable: "/bin/dash", words: ["sh"], name: "dash", isShell: true),
        Case(executable: "/bin/busybox", words: ["sh"], name: "sh", isShell: true),
        Case(executable: "/bin/busybox", words: ["-sh"], name: "sh", isShell: true),
        Case(executable: "/bin/busybox", words: ["/bin/ash", "-i"], name: "ash", isShell: true),
        Case(executable: "/bin/busybox", words: ["busybox", "sh"], name: "sh", isShell: true),
        Case(executable: "/bin/busybox", words: ["httpd", "-f"], name: "httpd"),
        Case(executable: "/bin/busybox", words: [], name: "busybox"),
        Case(executable: "/bin/bash", words: ["-bash"], name: "bash", isShell: true),
        Case(executable: "/usr/bin/zsh-5.9", words: ["zsh"], name: "zsh", isShell: true),
        Case(executable: "/usr/bin/python3.11", words: ["python3"], name: "python", isInterpreter: true),
        Case(executable: "/usr/bin/perl5.36.0", words: [], name: "perl", isInterpreter: true),
        Case(executable: "/usr/bin/lua5.4", words: [], name: "lua", isInterpreter: true),
        Case(executable: "/usr/sbin/php-fpm8.2", words: [], name: "php-fpm8.2"),
        Case(executable: "/usr/bin/node", words: [], name: "node", isInterpreter: true),
        Case(executable: "/lib/ld-musl-x86_64.so.1", words: ["ld", "/bin/sh"], name: "sh", isShell: true),
        Case(executable: "/usr/bin/pushd", words: [], name: "pushd"),
        Case(executable: "/usr/bin/7z", words: [], name: "7z"),
        Case(executable: "", words: [], name: ""),
    ]

    @Test(arguments: cases) func isRecognised(_ test: Case) {
        let program = Program(executable: test.executable, arguments: test.words)
        #expect(program.name == test.name)
        #expect(program.isShell == test.isShell)
        #expect(program.isInterpreter == test.isInterpreter)
    }

    static let secrets: [(path: String, what: String?)] = [
        ("/etc/shadow", "password hashes"), ("/etc/gshadow-", "password hashes"), ("/etc/shadow.conf", nil),
        ("/srv/etc/shadow", nil), ("/etc/sudoers.d/web", "sudo rules"),
        ("/etc/ssh/ssh_host_rsa_key", "an SSH host key"), ("/etc/ssh/ssh_host_rsa_key.pub", nil),
        ("/root/.ssh/id_rsa", "an SSH key"), ("/home/a/.ssh/known_hosts", nil),
        ("/run/secrets/kubernetes.io/serviceaccount/token", "a service account token"),
        ("/run/secrets/kubernetes.io/serviceaccount/..2026_11/token", "a service account token"),
        ("/run/secrets/kubernetes.io/serviceaccount/ca.crt", nil),
        ("/run/secrets/db", "a mounted secret"), ("/root/.aws/credentials", "a cloud credential"),
        ("/home/a/.config/gcloud/application_default_credentials.json", "a cloud credential"),
        ("/root/.docker/config.json", "a registry credential"), ("/root/.kube/config", "a Kubernetes credential"),
        ("/root/.netrc", "a stored password"), ("/root/.pgpass", "a stored password"),
        ("/root/.git-credentials", "a stored password"), ("/root/.vault-token", "a Vault token"),
        ("/etc/ssl/private/a.pem", "a TLS private key"), ("/etc/ssl/certs/a.pem", nil),
        ("/etc/nginx/tls/site.key", "a TLS private key"), ("/usr/share/doc/x.key", nil),
        ("/run/containerd/containerd.sock", "a container runtime's socket"),
        ("/run/user/0/podman/podman.sock", "a container runtime's socket"),
        ("/run/spire/sockets/agent.sock", "a workload identity socket"),
        ("/tmp/spire-agent/public/api.sock", "a workload identity socket"),
        ("/proc/1/environ", "another process's environment"), ("/proc/1/mem", "another process's memory"),
        ("/proc/meminfo", nil), ("/root/.gnupg/private-keys-v1.d/A.key", "a GPG key"),
        ("/root/.bash_history", "a shell's history"), ("/", nil), ("", nil), ("memfd:x", nil),
    ]

    @Test(arguments: secrets.indices) func secretIsRecognised(_ index: Int) {
        #expect(
            Credential.at(Self.secrets[index].path)?.what == Self.secrets[index].what, "\(Self.secrets[index].path)")
    }
}
