package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
)

// params are argon2id's: 19 MiB, 2 passes, 1 lane (OWASP).
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// PasswordLength is the least length of a password, in characters.
const PasswordLength = 12

// The limit on failed sign-ins, per account and per address.
const (
	attempts       = 5
	attemptsWindow = 15 * time.Minute
)

// Service holds the use cases of accounts and tokens. At most two passwords are hashed at once, so
// that sign-in cannot be used to exhaust the machine.
type Service struct {
	Pool   *pgxpool.Pool
	hashes chan struct{}
	dummy  string
}

// New makes the service.
func New(pool *pgxpool.Pool) (*Service, error) {
	dummy, err := argon2id.CreateHash("nobody has this password", params)
	if err != nil {
		return nil, err
	}
	return &Service{Pool: pool, hashes: make(chan struct{}, 2), dummy: dummy}, nil
}

// Member is an account.
type Member struct {
	ID         int64
	Email      string
	Name       string
	Role       Role
	DisabledAt *time.Time
	CreatedAt  time.Time
}

// Actor is the member as one who acts.
func (m Member) Actor() Actor { return Actor{ID: m.ID, Name: m.Name, Email: m.Email, Role: m.Role} }

// Add makes an account. Without a password one is made up and returned. An address that has an
// account already is a Conflict with code staff_exists.
func (s *Service) Add(ctx context.Context, email, name string, role Role, password, actor string) (string, error) {
	email = strings.TrimSpace(email)
	var fields fault.Fields
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email || len(email) > 254 {
		fields.Add("email", "email_invalid", "is not an e-mail address")
	}
	if _, err := ParseRole(string(role)); err != nil {
		fields.Add("role", "role_unknown", "must be manager, catalog, orders or accountant")
	}
	if password == "" {
		password = randomText(12)
	}
	if n := utf8.RuneCountInString(password); n < PasswordLength || n > 200 {
		fields.AddWith("password", "password_length", "must have 12 to 200 characters", map[string]any{"min": PasswordLength})
	}
	if err := fields.Err(); err != nil {
		return "", err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	return password, pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlInsertStaff, pgx.NamedArgs{"email": email, "name": name, "role": string(role), "hash": hash})
		if pg.IsUnique(err, "a staff member's address is used once") {
			return fault.New(fault.Conflict, "staff_exists", "this address has an account already")
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "staff.add", Subject: "staff:" + email, Detail: map[string]any{"role": role}})
	})
}

// Disable closes an account: its sessions end with its next request.
func (s *Service) Disable(ctx context.Context, email, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlDisableStaff, pgx.NamedArgs{"email": strings.TrimSpace(email)})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "staff_not_found", "no open account has this address")
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "staff.disable", Subject: "staff:" + email})
	})
}

// List lists the accounts, in the order of their addresses.
func (s *Service) List(ctx context.Context) ([]Member, error) {
	rows, err := s.Pool.Query(ctx, sqlListStaff)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Member])
}

// SignIn checks an address and a password. Unknown addresses, wrong passwords and closed accounts
// are answered alike, in the same time: Unknown with code sign_in_failed. After five failures in a
// quarter of an hour, per account and per address of the visitor, it is TooMany.
func (s *Service) SignIn(ctx context.Context, email, password, visitor string) (Member, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if len(email) > 254 || len(password) > 400 || !utf8.ValidString(email) || strings.ContainsRune(email, 0) {
		return Member{}, errSignIn()
	}
	var failures int
	if err := s.Pool.QueryRow(ctx, sqlCountAttempts, pgx.NamedArgs{"who": []string{email, visitor}, "window": attemptsWindow}).Scan(&failures); err != nil {
		return Member{}, err
	}
	if failures >= attempts {
		return Member{}, fault.New(fault.TooMany, "sign_in_blocked", "too many failed attempts: wait a quarter of an hour").With("minutes", int(attemptsWindow.Minutes()))
	}
	var m Member
	hash := s.dummy
	err := s.Pool.QueryRow(ctx, sqlStaffByEmail, pgx.NamedArgs{"email": email}).Scan(&m.ID, &m.Email, &m.Name, &m.Role, &m.DisabledAt, &m.CreatedAt, &hash)
	known := err == nil
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Member{}, err
	}
	match, err := s.compare(ctx, password, hash)
	if err != nil {
		return Member{}, err
	}
	if known && match && m.DisabledAt == nil {
		return m, nil
	}
	return Member{}, errors.Join(errSignIn(), pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlInsertAttempts, pgx.NamedArgs{"who": []string{email, visitor}})
		return err
	}))
}

func errSignIn() error {
	return fault.New(fault.Unknown, "sign_in_failed", "address and password do not match an open account")
}

// Get reads an open account; a closed or unknown one is Unknown with code signed_out.
func (s *Service) Get(ctx context.Context, id int64) (Member, error) {
	var m Member
	err := s.Pool.QueryRow(ctx, sqlStaffByID, pgx.NamedArgs{"id": id}).Scan(&m.ID, &m.Email, &m.Name, &m.Role, &m.DisabledAt, &m.CreatedAt)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && m.DisabledAt != nil) {
		return Member{}, fault.New(fault.Unknown, "signed_out", "sign in again")
	}
	return m, err
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	select {
	case s.hashes <- struct{}{}:
		defer func() { <-s.hashes }()
		return argon2id.CreateHash(password, params)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (s *Service) compare(ctx context.Context, password, hash string) (bool, error) {
	select {
	case s.hashes <- struct{}{}:
		defer func() { <-s.hashes }()
		return argon2id.ComparePasswordAndHash(password, hash)
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func randomText(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// CreateToken makes a bearer token for the staff API. It is shown once; only its hash is kept.
func (s *Service) CreateToken(ctx context.Context, name string, role Role, actor string) (string, error) {
	name = strings.TrimSpace(name)
	var fields fault.Fields
	if name == "" || len(name) > 60 {
		fields.Add("name", "name_length", "must have 1 to 60 characters")
	}
	if _, err := ParseRole(string(role)); err != nil {
		fields.Add("role", "role_unknown", "must be manager, catalog, orders or accountant")
	}
	if err := fields.Err(); err != nil {
		return "", err
	}
	token := "btq_" + randomText(32)
	hash := sha256.Sum256([]byte(token))
	return token, pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlInsertToken, pgx.NamedArgs{"name": name, "role": string(role), "hash": hash[:]}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "token.create", Subject: "token:" + name, Detail: map[string]any{"role": role}})
	})
}

// Authenticate finds who a bearer token acts for; a wrong one is Unknown with code token_invalid.
func (s *Service) Authenticate(ctx context.Context, token string) (Actor, error) {
	hash := sha256.Sum256([]byte(token))
	a := Actor{Token: true}
	err := s.Pool.QueryRow(ctx, sqlTokenByHash, pgx.NamedArgs{"hash": hash[:]}).Scan(&a.ID, &a.Name, &a.Role)
	if errors.Is(err, pgx.ErrNoRows) {
		return Actor{}, fault.New(fault.Unknown, "token_invalid", "send a valid token: Authorization: Bearer …")
	}
	return a, err
}
