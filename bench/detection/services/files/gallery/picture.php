<?php
$name = $_GET['name'] ?? '';
$file = '/var/lib/gallery/' . substr($name, 0, 2) . "/$name.jpg";
if (!preg_match('/^[0-9a-f]{32}$/', $name) || !is_file($file)) {
    http_response_code(404);
    exit;
}
header('Content-Type: image/jpeg');
readfile($file);
