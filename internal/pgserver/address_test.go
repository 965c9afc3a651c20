package pgserver

import "testing"

func TestAnAddressForLibpqKeepsThePasswordOffTheCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, plain, password string }{
		{"postgres://office:s3cr%20t@db.example/shop?sslmode=require&pool_max_conns=9", "postgres://office@db.example/shop?sslmode=require", "s3cr t"},
		{"postgres://office@a:5432,b:5432/shop?password=x", "postgres://office@a:5432,b:5432/shop?target_session_attrs=read-write", "x"},
		{"postgres:///boutique?host=%2Frun%2Fsocket&user=boutique", "postgres:///boutique?host=%2Frun%2Fsocket&user=boutique", ""},
		{`host=db.example password='it\'s' dbname=shop`, "host=db.example dbname=shop", "it's"},
		{"host=db.example password=plain", "host=db.example", "plain"},
	} {
		plain, password := forLibpq(c.address)
		if plain != c.plain || password != c.password {
			t.Errorf("%s: %q and %q", c.address, plain, password)
		}
	}
}
