//! A real web server that serves what `install_certs --publish` wrote.

use crate::ran::Ran;
use crate::world::World;
use common::{Pair, Role};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// nginx with one server per role, opening the sealed keys with `ssl_password_file`.
pub struct Nginx<'a> {
    world: &'a World,
    port: u16,
    server: Option<Child>,
}

impl<'a> Nginx<'a> {
    /// Configures nginx for the published folder; nothing runs yet.
    pub fn configure(world: &'a World, published: &Path, names: Pair<&str>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let servers = Role::BOTH.map(|role| {
            format!(
                "  server {{\n    listen 127.0.0.1:{port} ssl;\n    server_name {name};\n    \
                 ssl_certificate {dir}/{stem}.pem;\n    ssl_certificate_key {dir}/{stem}.key;\n    \
                 ssl_password_file {passphrase};\n    return 200 \"{role} here\\n\";\n  }}\n",
                name = names.of(role),
                dir = published.display(),
                stem = role.stem(),
                passphrase = world.passphrase().display(),
            )
        });
        world.write(
            "nginx/nginx.conf",
            format!(
                "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n  \
                 access_log off;\n  client_body_temp_path body;\n  proxy_temp_path proxy;\n  \
                 fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n{}}}\n",
                servers.concat()
            ),
        );
        Self { world, port, server: None }
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `nginx -t`.
    #[track_caller]
    pub fn test(&self) {
        let program = crate::find_program("nginx").unwrap().display().to_string();
        let prefix = self.world.path("nginx").display().to_string();
        let run = self.world.run(&program, ["-p", &prefix, "-e", "stderr", "-c", "nginx.conf", "-t"]);
        run.refused(0, &["test is successful"]);
    }

    /// Starts serving.
    #[track_caller]
    pub fn start(&mut self) {
        let mut command = self.world.command(crate::find_program("nginx").unwrap());
        command.arg("-p").arg(self.world.path("nginx")).args(["-e", "stderr", "-c", "nginx.conf"]);
        let log = std::fs::File::create(self.world.path("nginx/log")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.server = Some(command.spawn().unwrap());
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "nginx does not listen\n{}", self.world.read("nginx/log"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops serving and starts anew, with what lies in the folder now.
    #[track_caller]
    pub fn restart(&mut self) {
        self.stop();
        self.start();
    }

    fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// The serial number of the certificate that is served under a name, as OpenSSL writes it.
    pub fn serial(&self, name: &str) -> String {
        let connect = format!("openssl s_client -connect 127.0.0.1:{} -servername {name}", self.port);
        self.world
            .run("sh", ["-c", &format!("{connect} </dev/null 2>/dev/null | openssl x509 -noout -serial")])
            .stdout
    }

    /// Gets the page of a name with curl, trusting a root.
    pub fn curl(&self, root: &Path, name: &str) -> Ran {
        let resolve = format!("{name}:{}:127.0.0.1", self.port);
        let url = format!("https://{name}:{}/", self.port);
        let root = root.display().to_string();
        self.world.run(
            "curl",
            ["--silent", "--show-error", "--max-time", "10", "--cacert", &root, "--resolve", &resolve, &url],
        )
    }
}

impl Drop for Nginx<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}
