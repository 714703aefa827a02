(#inherits! "typescript" "jsx")
