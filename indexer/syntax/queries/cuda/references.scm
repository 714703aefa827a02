(#inherits! "cpp")
