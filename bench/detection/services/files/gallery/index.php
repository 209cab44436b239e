<?php
// What visitors see: the latest pictures; who they are is remembered in a session.
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
$pictures = glob('/var/lib/gallery/*/*.jpg');
usort($pictures, fn($a, $b) => filemtime($b) <=> filemtime($a));
echo '<h1>Gallery</h1><p>Visit ', $_SESSION['visits'], '</p>';
foreach (array_slice($pictures, 0, 10) as $picture) {
    echo '<img src="/picture.php?name=', basename($picture, '.jpg'), '">';
}
