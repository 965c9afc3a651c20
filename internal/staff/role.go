// Package staff knows the people at the desk and the programs that act for them: accounts, sign-in,
// tokens, roles.
package staff

import "boutique/internal/fault"

// Role is what a member of staff, or a token, is trusted with.
type Role string

// The roles.
const (
	Manager    Role = "manager"
	Catalog    Role = "catalog"
	Orders     Role = "orders"
	Accountant Role = "accountant"
)

// Roles lists the roles as staff choose from them.
func Roles() []Role { return []Role{Manager, Catalog, Orders, Accountant} }

// ParseRole reads a role; an unknown one is Invalid and names the field.
func ParseRole(s string) (Role, error) {
	for _, r := range Roles() {
		if string(r) == s {
			return r, nil
		}
	}
	var fields fault.Fields
	fields.Add("role", "role_unknown", "must be manager, catalog, orders or accountant")
	return "", fields.Err()
}

// Permission is one thing that a role may do.
type Permission string

// The permissions.
const (
	ReadCatalog Permission = "read_catalog"
	EditCatalog Permission = "edit_catalog"
	EditStock   Permission = "edit_stock"
	ReadOrders  Permission = "read_orders"
	EditOrders  Permission = "edit_orders"
	Simulate    Permission = "simulate"
	ReadBooks   Permission = "read_books"
	EditBooks   Permission = "edit_books"
	Manage      Permission = "manage"
)

var allowed = map[Role][]Permission{
	Manager:    {ReadCatalog, EditCatalog, EditStock, ReadOrders, EditOrders, Simulate, ReadBooks, EditBooks, Manage},
	Catalog:    {ReadCatalog, EditCatalog, EditStock},
	Orders:     {ReadCatalog, EditStock, ReadOrders, EditOrders, Simulate},
	Accountant: {ReadCatalog, ReadOrders, ReadBooks, EditBooks},
}

// May tells whether the role has the permission.
func (r Role) May(p Permission) bool {
	for _, has := range allowed[r] {
		if has == p {
			return true
		}
	}
	return false
}

// Actor is who acts: a signed-in member of staff or a token.
type Actor struct {
	ID    int64
	Name  string
	Email string
	Role  Role
	Token bool
}

// String is the actor as histories and the audit log name it.
func (a Actor) String() string {
	if a.Token {
		return "token:" + a.Name
	}
	return "staff:" + a.Email
}

// Must is nil when the actor has the permission, else Forbidden with code role_may_not.
func (a Actor) Must(p Permission) error {
	if a.Role.May(p) {
		return nil
	}
	return fault.Newf(fault.Forbidden, "role_may_not", "the role %s may not do this", a.Role).With("role", string(a.Role))
}
