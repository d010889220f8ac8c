module github.com/keystay/keystay/deploy/local

go 1.26.8

require github.com/keystay/keystay v0.0.0

replace github.com/keystay/keystay => ../..
