// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"openline/internal/api"
)

func (o *online) openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "openapi",
		Short: "Print the OpenAPI document of the local interface",
		Args:  exactly(0, "openline openapi takes no arguments"),
		RunE: func(*cobra.Command, []string) error {
			doc, err := api.OpenAPI(buildVersion())
			if err == nil {
				_, err = o.out.Write(append(doc, '\n'))
			}
			return err
		},
	}
}
