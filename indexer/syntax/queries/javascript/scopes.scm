(#inherits! "ecmascript" "jsx")
(html_comment) @comment
